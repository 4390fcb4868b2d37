#' Cross-validated paths of penalised fits
#'
#' A path by [glmpp_path()], and for each fold the path of the other rows at the same lambdas, which predicts the fold. Folds are weights
#' on one open
#' problem: nothing is copied, and folds are fitted one on each thread.
#'
#' @param formula,family,data,penalty,lambda,nlambda,lambda_ratio,tolerance,maxit,threads As in [glmpp_path()]; the rows must be in memory.
#' @param ... `weights`, `subset`, `na.action`, `offset` and `contrasts`, as in [glmpp_path()].
#' @param folds As in [cv_deviance()]: a number, a fold for each row (for blocks of time: `cut(rank(date), 10)`), or a one-sided formula
#'   of a variable of
#'   `data` whose rows stay together, such as `~ id`.
#' @param measure What is measured on rows left out, in their prior weights: `"deviance"` (of a unit of weight), `"mse"`, `"mae"`; for
#'   `binomial` also
#'   `"auc"` (by fold) and `"class"`, the share misclassified; for `multinomial` `"deviance"` and `"class"`.
#' @param relax,gamma Should unpenalised fits of what is not zero be cross-validated too, mixed with the penalised ones in these shares (1
#'   is added)?
#' @param seed A whole number for the folds; NULL takes it from the session's generator.
#' @returns An object of class `glmpp_path_cv`: `lambda`; `mean` and `se` of the measure over the folds (weighted by their rows' weights,
#'   as cv.glmnet() has
#'   them), `by_fold`, a matrix of lambdas by folds, all of the penalised fits; `relaxed`, NULL or a list of `gamma` and of the matrices
#'   `mean` and `se`, lambdas by gamma; `lambda.min` and `gamma.min`, where the mean is best; `lambda.1se`, the largest lambda whose mean is
#'   within one standard
#'   error of it, with `gamma.1se`, the best there; `fold`, of each row; `path`; `measure`; `passes`. [coef()] and [predict()] take `s = "lambda.1se"` (the default),
#'   `"lambda.min"` or numbers, and `gamma` (that which goes with `s`);
#'   [select_fit()] fits the choice. The same, to the bit, for any number of threads.
#' @section Conditions:
#' Errors of class `glmpp_error_rows` for rows that are elsewhere, `glmpp_error_argument` for folds or measures that do not fit.
#' @references Stone, M. (1974) Cross-validatory choice and assessment of statistical predictions, *Journal of the Royal Statistical
#'   Society B* 36,
#'   111-147. Breiman, L., Friedman, J., Olshen, R. and Stone, C. (1984) *Classification and Regression Trees*, Wadsworth (the rule of one
#'   standard error).
#' @examples
#' cv <- glmpp_cv(mpg ~ ., gaussian, mtcars, folds = 5, seed = 1)
#' cv
#' coef(cv)
#' @export
glmpp_cv <- function(formula, family = gaussian, data, penalty = lasso(), lambda = NULL, nlambda = 100, lambda_ratio = NULL, ...,
                     folds = 10, measure = c("deviance", "mse", "mae", "auc", "class"), seed = NULL, relax = FALSE,
                     gamma = c(0, 0.25, 0.5, 0.75, 1), tolerance = 1e-7, maxit = 100, threads = NULL) {
  call <- match.call()
  measure <- check_choice(measure, c("deviance", "mse", "mae", "auc", "class"), "measure")
  settings <- path_settings(penalty, lambda, nlambda, lambda_ratio, relax, tolerance, maxit, threads)
  gamma <- if (relax) check_gammas(gamma) else 1
  family <- path_family(as_family(family, parent.frame()), relax)
  check_measure(measure, family)
  if (missing(formula) || is.matrix(formula) || inherits(formula, "dgCMatrix")) stop_glmpp("argument", "`formula` must be a formula.", i = "Write `y ~ x`, with `x` the matrix.")
  formula <- check_formula(formula, parent.frame())
  refuse_absorbed(formula, "paths")
  if (missing(data)) data <- environment(formula)
  if (is_source(data)) {
    stop_glmpp("rows", "glmpp_cv() fits the rows again and again, and needs them in memory.", i = "Choose by `select_fit(glmpp_path(...), \"bic\")` from afar, or read a sample.")
  }
  frame_call <- call[!names(call) %in% c("penalty", "lambda", "nlambda", "lambda_ratio", "folds", "measure", "seed", "relax", "gamma", "tolerance", "maxit", "threads")]
  open <- open_frame_path(frame_call, formula, family, data, parent.frame(), eval(call$contrasts, parent.frame()), settings)
  fold <- path_folds(open, folds, seed, data)
  found <- follow_penalty(open$problem, settings)
  path <- new_path(found, open, settings, path_call(frame_call, call))
  left <- fit_folds(open$problem, found, fold, gamma, settings)
  by_gamma <- lapply(seq_along(gamma), function(g) measure_folds(measure, open, left, fold, path, gamma, g))
  close_problem(open$problem)
  new_path_cv(path, by_gamma, gamma, fold_weights(open, fold), fold, measure, left, call)
}

path_call <- function(frame_call, call) {
  kept <- call[names(call) %in% c("penalty", "lambda", "nlambda", "lambda_ratio", "relax", "tolerance", "maxit", "threads")]
  made <- as.call(c(as.list(frame_call), as.list(kept)))
  made[[1]] <- quote(glmpp_path)
  made
}

check_measure <- function(measure, family) {
  fits <- if (has_categories(family)) c("deviance", "class") else c("deviance", "mse", "mae", if (family$family %in% c("binomial", "quasibinomial")) c("auc", "class"))
  if (measure %in% fits) return(invisible())
  stop_glmpp("argument", sprintf("`measure = \"%s\"` is not for the %s family.", measure, family$family), i = sprintf("Take one of %s.", comma(dQuote(fits, FALSE))))
}

path_folds <- function(open, folds, seed, data) {
  rows <- open$problem$facts$rows
  label <- if (inherits(folds, "formula")) path_clusters(open, folds, data) else fold_vector(folds, rows, seed)
  match(label, sort(unique(label)))
}

path_clusters <- function(open, folds, data) {
  if (length(folds) != 2 || length(all.vars(folds)) < 1) stop_glmpp("argument", "`folds` must be a one-sided formula such as `~ id`.")
  label <- eval(folds[[2]], if (is.environment(data)) NULL else data, environment(folds))
  kept <- attr(open$frame, "row.names")
  if (length(label) != nrow(open$frame)) {
    all_rows <- if (is.data.frame(data)) attr(data, "row.names") else seq_along(label)
    label <- label[match(kept, all_rows)]
  }
  if (length(label) != nrow(open$frame) || anyNA(label)) stop_glmpp("argument", sprintf("`%s` must have a value for each row of the fit.", deparse1(folds[[2]])))
  several_folds(as.vector(label))
}

check_gammas <- function(gamma) {
  is_good <- is.numeric(gamma) && length(gamma) && all(is.finite(gamma)) && all(gamma >= 0 & gamma <= 1)
  if (is_good) return(sort(unique(c(gamma, 1)), decreasing = TRUE))
  stop_glmpp("argument", "`gamma` must be numbers between 0 and 1.", x = sprintf("It is %s.", value_text(gamma)))
}

fit_folds <- function(problem, found, fold, gamma, settings) {
  count <- max(fold)
  request <- found$request
  request[c("folds", "count", "weights", "gammas")] <- list(fold, count, as_weights_of_rows(problem$response), gamma)
  request$lambdas$given <- found$lambda
  progress <- patient_progress("Penalties of folds", count * length(found$lambda))
  on.exit(progress$done())
  if (wants_progress()) request$tick <- progress$tick
  left <- fit_fold_paths_impl(problem$core, request)
  # Other threads than R's may have made the last.
  progress$tick(count * length(found$lambda))
  left
}

# A class of counts, or of rows, weighs what its rows do.
path_weights <- function(open) {
  response <- open$problem$response
  if (!has_categories(open$problem$family)) return(full_weights(response))
  weights <- response$weights %||% rep(1, open$problem$facts$rows)
  if (is.null(response$counts)) weights else weights * rowSums(response$counts)
}

fold_weights <- function(open, fold) as.vector(tapply(path_weights(open), fold, sum))

# A row for each lambda, a column for each fold, for the g-th gamma.
measure_folds <- function(measure, open, left, fold, path, gamma, g) {
  if (measure == "deviance") {
    rows <- (g - 1) * length(path$lambda) + seq_along(path$lambda)
    return(sweep(left$left_out[rows, , drop = FALSE], 2, fold_weights(open, fold), "/"))
  }
  problem <- open$problem
  weights <- path_weights(open)
  vapply(seq_along(left$paths), function(k) {
    rows <- which(fold == k)
    coefficients <- mixed_coefficients(left$paths[[k]]$coefficients, left$paths[[k]]$relaxed, gamma[g])
    vapply(seq_along(path$lambda), function(s) {
      if (anyNA(coefficients[, s])) NA_real_ else measure_rows(measure, problem, coefficients[, s], rows, weights[rows])
    }, 0)
  }, numeric(length(path$lambda)))
}

measure_rows <- function(measure, problem, coefficients, rows, weights) {
  if (has_categories(problem$family)) return(misclassified(problem, coefficients, rows))
  mean <- path_means(problem, coefficients)[rows]
  y <- problem$response$y[rows]
  switch(measure,
    mse = sum(weights * (y - mean)^2) / sum(weights),
    mae = sum(weights * abs(y - mean)) / sum(weights),
    class = sum(weights * ifelse(mean > 0.5, 1 - y, y)) / sum(weights),
    auc = area_under_curve(outcome_counts(list(probability = mean, outcome = y, weight = weights)))$auc
  )
}

misclassified <- function(problem, coefficients, rows) {
  link <- path_predictors(coefficients, problem$design, problem$response$offset, length(problem$response$classes), problem$settings$threads)
  chosen <- max.col(link[rows, , drop = FALSE], "first")
  weights <- (problem$response$weights %||% rep(1, problem$design$rows))[rows]
  if (is.null(problem$response$counts)) return(sum(weights * (chosen != problem$response$codes[rows])) / sum(weights))
  counts <- problem$response$counts[rows, , drop = FALSE] * weights
  1 - sum(counts[cbind(seq_along(rows), chosen)]) / sum(counts)
}

new_path_cv <- function(path, by_gamma, gamma, weights, fold, measure, left, call) {
  lambda <- path$lambda
  mean <- vapply(by_gamma, function(by_fold) as.vector(by_fold %*% weights) / sum(weights), numeric(length(lambda)))
  mean <- matrix(mean, length(lambda))
  folds <- ncol(by_gamma[[1]])
  squares <- vapply(seq_along(gamma), function(g) as.vector((by_gamma[[g]] - mean[, g])^2 %*% weights), numeric(length(lambda)))
  se <- sqrt(matrix(squares, length(lambda)) / sum(weights) / (folds - 1))
  loss <- if (measure == "auc") -mean else mean
  if (!any(is.finite(loss))) stop_glmpp("argument", sprintf("No lambda has a finite %s in all folds.", measure), i = "Take fewer `folds`, or larger `lambda`.")
  best <- arrayInd(which.min(loss), dim(loss))
  near <- which(loss <= loss[best] + se[best], arr.ind = TRUE)
  near <- near[near[, 1] == min(near[, 1]), , drop = FALSE]
  near <- near[which.min(loss[near]), , drop = FALSE]
  bad <- sum(vapply(left$paths, function(one) sum(!one$converged), 0))
  if (bad) warn_glmpp("convergence", sprintf("%s of the folds did not converge.", plural(bad, "fit")), i = "Take a larger `tolerance` or `maxit`.")
  relaxed <- if (length(gamma) > 1) {
    dimnames(mean) <- dimnames(se) <- list(NULL, gamma)
    list(gamma = gamma, mean = mean, se = se)
  }
  structure(list(lambda = lambda, mean = as.vector(mean[, 1]), se = as.vector(se[, 1]), by_fold = by_gamma[[1]],
                 lambda.min = lambda[best[1]], lambda.1se = lambda[near[1]],
                 gamma.min = gamma[best[2]], gamma.1se = gamma[near[2]], relaxed = relaxed, fold = fold,
                 measure = measure, path = path, passes = sum(vapply(left$paths, `[[`, 0L, "passes")), call = call), class = "glmpp_path_cv")
}

lambda_of_cv <- function(object, s) {
  if (!is.character(s)) return(s)
  object[[check_choice(s, c("lambda.1se", "lambda.min"), "s")]]
}

#' @rdname glmpp_cv
#' @param object,x A value of `glmpp_cv()`.
#' @param s `"lambda.1se"`, `"lambda.min"`, or numbers.
#' @export
coef.glmpp_path_cv <- function(object, s = "lambda.1se", gamma = NULL, ...) {
  coef(object$path, lambda_of_cv(object, s), gamma_of_cv(object, s, gamma))
}

gamma_of_cv <- function(object, s, gamma) {
  if (!is.null(gamma)) return(gamma)
  if (is.character(s)) object[[sub("lambda", "gamma", s)]] else 1
}

#' @rdname glmpp_cv
#' @param newdata As in [predict.glmpp_path()].
#' @export
predict.glmpp_path_cv <- function(object, newdata = NULL, s = "lambda.1se", gamma = NULL, ...) {
  predict(object$path, newdata, lambda_of_cv(object, s), ..., gamma = gamma_of_cv(object, s, gamma))
}

#' @rdname glmpp_cv
#' @param digits Significant digits.
#' @export
print.glmpp_path_cv <- function(x, digits = 4, ...) {
  cat("Call: ", deparse1(x$call), "\n\n", sep = "")
  cat(sprintf("%s by %d folds, %d lambdas\n\n", x$measure, ncol(x$by_fold), length(x$lambda)))
  place <- match(c(x$lambda.min, x$lambda.1se), x$lambda)
  table <- data.frame(lambda = x$lambda[place], mean = x$mean[place], se = x$se[place], df = x$path$df[place], row.names = c("lambda.min", "lambda.1se"))
  if (!is.null(x$relaxed)) {
    table$gamma <- c(x$gamma.min, x$gamma.1se)
    at <- cbind(place, match(table$gamma, x$relaxed$gamma))
    table[c("mean", "se")] <- list(x$relaxed$mean[at], x$relaxed$se[at])
  }
  print(table, digits = digits)
  invisible(x)
}

# The curve of the share that is best, with bars, and those of the others.
cv_curves <- function(x) {
  gamma <- x$relaxed$gamma %||% 1
  chosen <- match(x$gamma.min, gamma)
  mean <- x$relaxed$mean %||% matrix(x$mean)
  se <- (x$relaxed$se %||% matrix(x$se))[, chosen]
  list(place = -log(x$lambda), gamma = gamma, mean = mean[, chosen], low = mean[, chosen] - se, high = mean[, chosen] + se,
       others = mean[, -chosen, drop = FALSE], labels = sprintf("gamma = %s", format(gamma[-chosen])),
       title = sprintf("%d-fold cross-validation%s", ncol(x$by_fold), if (is.null(x$relaxed)) "" else sprintf(", gamma = %s", format(x$gamma.min))))
}

#' @rdname glmpp_cv
#' @export
plot.glmpp_path_cv <- function(x, ...) {
  drawn <- cv_curves(x)
  place <- drawn$place
  draw_frame(list(xlim = range(place), ylim = range(drawn$low, drawn$high, finite = TRUE), xlab = "-log(lambda)", ylab = sprintf("%s of rows left out", x$measure),
                  main = drawn$title), ...)
  looks <- coefficient_looks(max(1, ncol(drawn$others)))
  for (k in seq_len(ncol(drawn$others))) lines(place, drawn$others[, k], col = looks$colour[k], lty = looks$line[k])
  segments(place, drawn$low, place, drawn$high, col = guide_colour)
  points(place, drawn$mean, pch = 16, col = chart_colours[["blue"]], cex = 0.7)
  abline(v = -log(c(x$lambda.min, x$lambda.1se)), lty = c("solid", "22"), col = chart_colours[["vermillion"]])
  if (ncol(drawn$others)) legend("topleft", drawn$labels, col = looks$colour, lty = looks$line, bty = "n", cex = 0.8)
  at <- pretty(seq_along(place), 8)
  at <- at[at >= 1 & at <= length(place)]
  axis(3, place[at], x$path$df[at], tick = FALSE, line = -0.8, cex.axis = 0.75, col.axis = guide_colour)
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_path_cv <- function(object, ...) {
  need_ggplot2()
  drawn <- cv_curves(object)
  data <- as.data.frame(drawn[c("place", "mean", "low", "high")])
  marks <- data.frame(place = -log(c(object$lambda.min, object$lambda.1se)), choice = factor(c("lambda.min", "lambda.1se"), c("lambda.min", "lambda.1se")))
  made <- ggplot2::ggplot(data, ggplot2::aes(.data$place, .data$mean)) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data$low, ymax = .data$high), colour = guide_colour) +
    ggplot2::geom_point(colour = chart_colours[["blue"]], size = 1) +
    ggplot2::geom_vline(ggplot2::aes(xintercept = .data$place, linetype = .data$choice), marks, colour = chart_colours[["vermillion"]]) +
    ggplot2::labs(title = drawn$title, x = "-log(lambda)", y = sprintf("%s of rows left out", object$measure), linetype = NULL, colour = NULL) +
    light_theme()
  if (!ncol(drawn$others)) return(made)
  others <- data.frame(place = drawn$place, mean = as.vector(drawn$others),
                       gamma = factor(rep(drawn$labels, each = length(drawn$place)), drawn$labels))
  # A relaxed curve may leave the chart where its fits do badly.
  made + ggplot2::geom_line(ggplot2::aes(colour = .data$gamma), others, na.rm = TRUE) +
    ggplot2::scale_colour_manual(values = coefficient_looks(ncol(drawn$others))$colour) +
    ggplot2::coord_cartesian(ylim = range(data$low, data$high, finite = TRUE))
}
