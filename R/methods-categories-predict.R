#' Predictions from a fit of categories
#'
#' New rows go through the same blocks as those of the fit; no design matrix is formed.
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] or [ordinal()].
#' @param newdata A data frame with the variables of the formula; by default the rows of the fit.
#' @param type `"link"`: for `multinomial()` the linear predictor of each class that has coefficients, less that of the
#'   baseline, offset included; for `ordinal()` \eqn{x'b} with its offset, a vector. `"probs"`, or `"response"`: the probability of each class.
#'   `"class"`: the most probable class, the first among equals.
#' @param se.fit Should standard errors be returned too? (Not of classes; those of probabilities are by the delta
#'   method.)
#' @param vcov The covariance that standard errors are taken from, as in [vcov.glmpp_categories()], section "In other verbs".
#' @param na.action As in [stats::predict.glm()].
#' @param new_levels What to do with rows whose factor level the fit does not know: `"error"`, or `"na"` to
#'   predict NA for them.
#' @param ... None: an argument that is not known is an error.
#' @returns A matrix with a row for each row and a column for each class, a vector (`"link"` of an ordinal model) or
#'   a factor; with `se.fit = TRUE` a list of `fit` and `se.fit`, of one shape.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' new <- data.frame(Sepal.Width = c(2.5, 3.5))
#' predict(fit, new, type = "probs", se.fit = TRUE)
#' predict(fit, new, type = "class")
#' @export
predict.glmpp_categories <- function(object, newdata = NULL, type = c("link", "probs", "class", "response"), se.fit = FALSE,
                                     na.action = na.pass, new_levels = c("error", "na"), vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "predict", predict.glmpp_categories)
  type <- check_choice(type, c("link", "probs", "class", "response"), "type")
  if (type == "response") type <- "probs"
  new_levels <- check_choice(new_levels, c("error", "na"), "new_levels")
  check_flag(se.fit, "se.fit")
  if (se.fit && type == "class") {
    stop_glmpp("argument", "`se.fit` is for `type = \"link\"` and `\"probs\"`: a class has no standard error.")
  }
  rows <- if (is.null(newdata)) own_rows(object, se.fit) else category_rows(object, newdata, na.action, new_levels)
  prediction <- switch(type, link = rows$link, probs = rows$probabilities,
                       class = most_probable(rows$probabilities, object$classes))
  pad <- function(values) if (is.null(newdata)) napredict(object$na.action, values) else spread_category_rows(values, rows)
  if (!se.fit) return(pad(prediction))
  errors <- prediction_errors(with_covariance(object, vcov), rows, type)
  list(fit = pad(prediction), se.fit = pad(errors))
}

own_rows <- function(object, with_design) {
  list(link = row_component(object, "linear.predictors"), probabilities = object$fitted.values,
       design = if (with_design) design_blocks(object$schema, model.frame(object)))
}

category_rows <- function(object, newdata, na.action, new_levels) {
  rows <- read_new_rows(object, newdata, na.action, new_levels)
  offset <- if (any(rows$offset != 0)) rows$offset
  response <- list(classes = object$classes, baseline = object$baseline, family = object$family, rows = rows$design$rows,
                   threads = object$solver$threads)
  if (!is.null(offset)) offset <- check_category_offset(offset, response)
  predictors <- category_predictors(object, rows$design, offset, object$baseline, object$solver$threads)
  known <- if (length(rows$unknown)) rows$names[-rows$unknown] else rows$names
  rows$probabilities <- category_probabilities(predictors, object$thresholds, object$family)
  dimnames(rows$probabilities) <- list(known, object$classes)
  rows$link <- name_predictors(predictors, known, response)
  warn_category_span(object, rows$design)
  rows
}

most_probable <- function(probabilities, classes) {
  best <- max.col(probabilities, ties.method = "first")
  named(factor(best, levels = seq_along(classes), labels = classes), rownames(probabilities))
}

# Rows that could be computed, among NA for those that could not.
spread_category_rows <- function(values, rows) {
  if (!length(rows$unknown)) return(values)
  all <- match(seq_along(rows$names), seq_along(rows$names)[-rows$unknown])
  if (!is.matrix(values)) return(named(values[all], rows$names))
  values <- values[all, , drop = FALSE]
  rownames(values) <- rows$names
  values
}

# Variances of eta_a and eta_b are x' V_ab x; probabilities by their derivatives with respect to the predictors.
prediction_errors <- function(object, rows, type) {
  variances <- predictor_covariances(object, rows$design)
  count <- dim(variances)[2]
  if (type == "link" && is_ordinal(object$family)) return(named(sqrt(variances[, count, count]), names(rows$link)))
  if (type == "link") {
    errors <- vapply(seq_len(count), function(k) sqrt(variances[, k, k]), numeric(nrow(variances)))
    return(array(errors, dim(rows$link), dimnames(rows$link)))
  }
  gradients <- probability_gradients(object, rows)
  errors <- rows$probabilities
  for (k in seq_len(ncol(errors))) {
    total <- 0
    for (a in seq_len(count)) for (b in seq_len(count)) {
      total <- total + gradients[[k]][, a] * gradients[[k]][, b] * variances[, a, b]
    }
    errors[, k] <- sqrt(pmax(total, 0))
  }
  errors
}

# rows x predictors x predictors; those of an ordinal model are its thresholds, then eta.
predictor_covariances <- function(object, design) {
  covariance <- replace(object$covariance, is.na(object$covariance), 0)
  columns <- length(object$schema$columns)
  is_ordinal <- is_ordinal(object$family)
  slopes <- seq_len(columns)
  sets <- if (is_ordinal) c(as.list(columns + seq_along(object$thresholds)), list(slopes))
          else lapply(seq_len(nrow(object$coefficients)), function(k) (k - 1) * columns + slopes)
  all <- array(0, c(design$rows, length(sets), length(sets)))
  most_rows <- 4096
  for (first in seq(1, by = most_rows, length.out = ceiling(design$rows / most_rows))) {
    chunk <- seq(first, min(first + most_rows - 1, design$rows))
    x <- if (columns) design_rows_impl(design, chunk) else matrix(0, length(chunk), 0)
    sides <- lapply(sets, function(set) if (is_ordinal && length(set) == 1 && set > columns) matrix(1, length(chunk), 1) else x)
    for (a in seq_along(sets)) for (b in seq_along(sets)) {
      block <- covariance[sets[[a]], sets[[b]], drop = FALSE]
      all[chunk, a, b] <- rowSums((sides[[a]] %*% block) * sides[[b]])
    }
  }
  all
}

# For each class a matrix: the derivative of its probability with respect to each predictor.
probability_gradients <- function(object, rows) {
  p <- rows$probabilities
  classes <- seq_along(object$classes)
  if (!is_ordinal(object$family)) {
    free <- if (object$baseline > 0) classes[-object$baseline] else classes
    return(lapply(classes, function(k) p[, k] * (outer(rep(1, nrow(p)), as.double(free == k)) - p[, free, drop = FALSE])))
  }
  density <- cumulative_density(object$family$link, outer(-rows$link, object$thresholds, "+"))
  lapply(classes, function(k) {
    gradient <- matrix(0, nrow(p), length(classes))
    if (k < length(classes)) gradient[, k] <- density[, k]
    if (k > 1) gradient[, k - 1] <- -density[, k - 1]
    gradient[, length(classes)] <- -rowSums(gradient)
    gradient
  })
}

cumulative_density <- function(link, x) {
  if (link == "loglog") return(stats::make.link("cloglog")$mu.eta(-x))
  stats::make.link(link)$mu.eta(x)
}

# See warn_outside_span(): the same for the columns of a class.
warn_category_span <- function(object, design) {
  aliased <- which(is.na(if (is.matrix(object$coefficients)) colSums(object$coefficients) else object$coefficients))
  if (!length(aliased)) return(invisible())
  design_of_fit <- design_blocks(object$schema, model.frame(object))
  is_outside <- vapply(aliased, function(j) leaves_span(j, design_of_fit, design, silent_settings(object)), NA)
  if (!any(is_outside)) return(invisible())
  warn_glmpp("rank_deficient", "prediction from a rank-deficient fit may be misleading",
             x = sprintf("In the new rows %s no longer the combination of other columns that it was in the fit.",
                         comma(object$schema$columns[aliased[is_outside]])))
}

# Column j less what the columns that are not aliased make of it: zero on the rows of the fit.
leaves_span <- function(j, design_of_fit, design, settings) {
  unit <- replace(numeric(design$coefficients), j, 1)
  column <- linear_predictor_impl(design_of_fit, unit, settings$threads)
  rest <- unit - least_squares(design_of_fit, column, rep(1, design_of_fit$rows), settings)$coefficients
  max(abs(linear_predictor_impl(design, rest, settings$threads)), 0) > 1e-7 * max(abs(rest))
}
