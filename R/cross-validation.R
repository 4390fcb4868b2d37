#' Deviance of rows that were left out
#'
#' K-fold or leave-one-out cross-validation: for each fold the model is fitted to the other rows, from the estimate on, and the deviance of
#' the fold's rows is taken there. The folds are weights on one open problem; nothing is copied, and folds are fitted one on each thread.
#'
#' @param object A fit by [glmpp()] to a data frame, also one of [multinomial()] (with a baseline) or [ordinal()].
#' @param folds The number of folds, made of random rows of equal count; as many as there are rows leaves out one at a time. Or a
#'   vector with a fold for each row of the fit (any labels), or a one-sided formula such as `~ id`: rows that belong together are left
#'   out together.
#' @param seed A whole number for the folds; NULL takes it from the session's generator.
#' @param threads Number of threads; by default that of the fit. The result is the same, to the bit, for any number.
#' @returns An object of class `glmpp_cv`: `deviance`, that of all left-out rows together; `mean`, the same for a unit of prior weight
#'   (for `binomial`, a trial); `fit_deviance`, that of the fit itself; `folds`, a data frame with `fold`, `rows`, `deviance` and
#'   `converged`; `fold`, of each row; `passes`, over the rows. The deviance is NaN where a fold has a mean that is not valid.
#' @details A factor level whose rows are all in one fold has no coefficient in the others' fit: its rows are predicted by the rest of
#'   the model, with a warning of class `glmpp_warning_folds`. The dispersion, and a parameter of the family's own, do not come in.
#' @section Conditions:
#' Errors of class `glmpp_error_rows` for a fit from afar, `glmpp_error_argument` for folds that do not fit the rows.
#' @references Stone, M. (1974) Cross-validatory choice and assessment of statistical predictions, *Journal of the Royal Statistical
#'   Society B* 36, 111-147.
#' @examples
#' fit <- glmpp(mpg ~ wt + hp, gaussian, mtcars)
#' cv_deviance(fit, folds = 5, seed = 1)
#' cv_deviance(fit, folds = nrow(mtcars))
#' @concept cross-validation
#' @export
cv_deviance <- function(object, folds = 10, seed = NULL, threads = NULL) {
  check_replicable(object, "cv_deviance()")
  label <- fold_labels(object, folds, seed)
  levels <- sort(unique(label))
  fold <- match(label, levels)
  count <- length(levels)
  units <- list(kind = "leave_out", count = as.double(length(fold)), seed = 0, folds = fold, unit = NULL)
  found <- list(deviance = numeric(count), converged = logical(count), inside = numeric(count), passes = 0, lost = 0)
  estimable <- !is.na(named_estimates(object))
  run_replicates(open_replicates(object, units, threads), count, "Leaving out folds", function(these, fits) {
    found$deviance[these] <<- fits$left_out
    found$converged[these] <<- fits$converged
    found$inside[these] <<- fits$deviance
    found$passes <<- found$passes + sum(fits$passes) + length(these)
    found$lost <<- found$lost + sum(colSums(is.na(fits$coefficients[estimable, , drop = FALSE])) > 0)
  })
  if (found$lost) {
    warn_glmpp("folds", sprintf("%s left out all rows of some column.", plural(found$lost, "fold")),
               x = "Its coefficient is zero there, and its rows are predicted by the rest of the model.", i = "Choose `folds` that have some of them each.")
  }
  warn_unconverged_replicates(found$converged)
  warn_endless_folds(object, found$inside, fold)
  table <- data.frame(fold = levels, rows = tabulate(fold, count), deviance = found$deviance, converged = found$converged)
  total <- sum(found$deviance)
  structure(list(deviance = total, mean = total / sum(prior_weight_of(object)), fit_deviance = stats::deviance(object), folds = table,
                 fold = label,
                 passes = found$passes, call = match.call()), class = "glmpp_cv")
}

# Where the rows outside a fold are separated, or miss a class, the deviance of its own rows is infinite, and the number is where the fit
# stopped.
warn_endless_folds <- function(object, inside, fold) {
  remedy <- "The deviance of their rows is where the fit stopped, and means nothing. Take fewer folds, or drop what separates."
  if (has_categories(object$family)) {
    y <- category_outcomes(object)
    cases <- if (is.matrix(y)) y * row_component(object, "prior.weights")
             else diag(length(object$classes))[y, , drop = FALSE] * row_component(object, "prior.weights")
    left <- vapply(seq_along(inside), function(k) any(colSums(cases[fold != k, , drop = FALSE]) == 0), NA)
    inside[left] <- 0
  }
  warn_separated_replicates(object, inside, "fold", remedy)
}

prior_weight_of <- function(object) {
  if (!inherits(object, "glmpp_categories")) return(.subset2(object, "prior.weights"))
  y <- category_outcomes(object)
  row_component(object, "prior.weights") * if (is.matrix(y)) rowSums(y) else 1
}

# The fold of each row of the fit.
fold_labels <- function(object, folds, seed) {
  rows <- NROW(model.frame(object))
  if (inherits(folds, "formula")) {
    if (length(folds) != 2 || length(cluster_variables(folds)) > 1) {
      stop_glmpp("argument", "`folds` must be a one-sided formula of one variable, such as `~ id`.", x = sprintf("It is `%s`.", deparse1(folds)),
                 i = "For the combinations of two: `~ interaction(a, b)`.")
    }
    return(several_folds(cluster_of_rows(object, folds, "folds")))
  }
  fold_vector(folds, rows, seed)
}

# From a number of folds, or a fold for each row.
fold_vector <- function(folds, rows, seed) {
  if (length(folds) == 1) {
    check_count(folds, "folds")
    if (folds < 2 || folds > rows) {
      stop_glmpp("argument", "`folds` must be between 2 and the number of rows.", x = sprintf("It is %s, of %s.", format(folds), plural(rows, "row")))
    }
    return(if (folds == rows) seq_len(rows) else random_folds(rows, folds, seed_number(seed)))
  }
  if (length(folds) != rows || anyNA(folds)) {
    stop_glmpp("argument", "`folds` must be a number, a formula, or have an element for each row of the fit, none of them missing.",
               x = sprintf("It has %d elements for %s.", length(folds), plural(rows, "row")))
  }
  several_folds(folds)
}

several_folds <- function(label) {
  if (length(unique(label)) < 2) stop_glmpp("argument", "`folds` must have two folds at the least.")
  label
}

# Of equal count, in the order of random numbers.
random_folds <- function(rows, folds, seed) {
  order <- order(unit_weights_impl(list(kind = "multiplier", units = as.double(rows), seed = as.double(seed)), 0))
  replace(integer(rows), order, rep_len(seq_len(folds), rows))
}

#' @export
print.glmpp_cv <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  number <- function(value) format(signif(value, digits))
  cat(sprintf("Cross-validation by %d folds\n\n", nrow(x$folds)))
  cat("Deviance of the rows left out: ", number(x$deviance), " (", number(x$mean), " for a unit of weight)\n", sep = "")
  cat("Deviance of the fit:           ", number(x$fit_deviance), "\n", sep = "")
  if (!all(x$folds$converged)) cat("Not converged: fold ", comma(x$folds$fold[!x$folds$converged]), "\n", sep = "")
  invisible(x)
}
