#' Methods for paths of penalised fits
#'
#' @param object,x A path by [glmpp_path()]. For `select_fit()` also what [glmpp_cv()] makes, or a fit by [glmpp()] with [lasso()] or the like.
#' @param s Values of lambda; by default all of the path. One that is not on the path is fitted, where the path holds its rows.
#' @param gamma For a relaxed path: the share of the penalised coefficients, beside the unpenalised ones of the same columns (Meinshausen,
#'   2007; Hastie, Tibshirani and Tibshirani, 2020), from 0 to 1. Of `select_fit()`: that of the extended criterion,
#'   \eqn{-2 l + d \log n + 2 \gamma \log {p \choose d}}{-2 l + d log n + 2 gamma log choose(p, d)}.
#' @param newdata A data frame with the variables of the formula (a matrix, where the path was made of one); by default the rows of the
#'   path.
#' @param type `"link"`, `"response"`, `"class"` (two or more classes), `"coefficients"` or `"nonzero"`, the names of those that are not
#'   zero.
#' @param offset For a matrix of new rows: their offset, where the path has one.
#' @param na.action As in [predict.glmpp()].
#' @param k The price of a degree of freedom.
#' @param against The horizontal axis: `"lambda"` (its logarithm), `"norm"` (the sum of absolute standardised coefficients) or
#'   `"deviance"` (the share explained).
#' @param label Should lines be labelled with the names of their coefficients? At most `most` of them, the largest at the end of the path.
#' @param most Most labels; most lines of the printed table.
#' @param digits Significant digits.
#' @param criterion `"bic"`, `"aic"` or `"ebic"`, by which the lambda is chosen; not read where `s` is given.
#' @param refit `TRUE`: an unpenalised fit by [glmpp()] of the terms that have a coefficient which is not zero (the whole term). `FALSE`:
#'   the
#'   penalised fit, which is the path at that lambda alone.
#' @param ... For `plot()`, graphical parameters; else none.
#' @details
#' `logLik()`, `AIC()` and `BIC()` give a number for each lambda, with `df` degrees of freedom (those of the lasso: Zou, Hastie and
#' Tibshirani,
#' 2007) and one more for an estimated dispersion; for groups and ridge parts of a penalty `df` is an upper bound. Standard errors after a
#' choice by
#' the same rows, as of the refitted model, are too small: fit the chosen terms to other rows, or half of them, for tests.
#' @returns `coef()`: a matrix with a column for each `s`. `predict()`: a matrix, rows by `s` (for several classes an array, rows by
#'   classes by `s`).
#'   `select_fit()`: a fit by [glmpp()], with `path_lambda`, or a path of one lambda. `print()` and `plot()`: their argument.
#' @references Zou, H., Hastie, T. and Tibshirani, R. (2007) On the "degrees of freedom" of the lasso, *Annals of Statistics* 35,
#'   2173-2192. Chen,
#'   J. and Chen, Z. (2008) Extended Bayesian information criteria for model selection with large model spaces, *Biometrika* 95, 759-771.
#' @examples
#' path <- glmpp_path(am ~ wt + hp + factor(gear), binomial, mtcars, nlambda = 20)
#' predict(path, mtcars[1:3, ], s = path$lambda[10], type = "response")
#' plot(path)
#' @name path_methods
NULL

#' @rdname path_methods
#' @export
coef.glmpp_path <- function(object, s = NULL, gamma = 1, ...) {
  refuse_unknown(substitute(list(...)), "coef", coef.glmpp_path)
  found <- path_at(object, s, gamma)
  coefficients <- found$coefficients
  colnames(coefficients) <- format_lambda(found$lambda)
  coefficients
}

format_lambda <- function(lambda) formatC(lambda, digits = 4, format = "g")

# Lambdas with their coefficients: those of the path, or fitted again.
path_at <- function(object, s, gamma = 1) {
  check_gamma(object, gamma)
  on_path <- mixed_coefficients(object$coefficients, object$relaxed$coefficients, gamma)
  if (is.null(s)) return(list(lambda = object$lambda, coefficients = on_path))
  check_lambda(s)
  place <- place_on_path(object, s)
  coefficients <- on_path[, place, drop = FALSE]
  if (anyNA(place)) coefficients[, is.na(place)] <- fit_between(object, s[is.na(place)], gamma)
  list(lambda = s, coefficients = coefficients)
}

check_gamma <- function(object, gamma) {
  if (!is.numeric(gamma) || length(gamma) != 1 || !(gamma >= 0 && gamma <= 1)) {
    stop_glmpp("argument", "`gamma` must be one number between 0 and 1.", x = sprintf("It is %s.", value_text(gamma)))
  }
  if (gamma < 1 && is.null(object$relaxed)) {
    stop_glmpp("argument", "`gamma` below 1 is for a relaxed path.", i = "Follow it with `relax = TRUE`.")
  }
}

# `relaxed` is not read for gamma = 1, and NA where there is no such fit.
mixed_coefficients <- function(penalised, relaxed, gamma) if (gamma == 1) penalised else gamma * penalised + (1 - gamma) * relaxed

# NA for those that are not on it.
place_on_path <- function(object, s) {
  vapply(s, function(value) which(abs(object$lambda - value) <= 1e-8 * max(value, 1e-300))[1], 1L)
}

fit_between <- function(object, s, gamma) {
  if (is.null(object$frame)) {
    stop_glmpp("argument", "`s` must be a lambda of the path, which does not hold its rows.",
               x = sprintf("%s is none.", format(s[1])), i = sprintf("Follow the path with `lambda = c(%s)` among others.", format(s[1])))
  }
  settings <- path_settings(object$penalty, s, 2, NULL, gamma < 1, object$settings$tolerance, object$settings$maxit, object$solver$threads)
  problem <- quietly(open_frame_rows(object$frame, object$schema, object$family, settings))
  found <- follow_penalty(problem, settings)
  close_problem(problem)
  mixed_coefficients(found$coefficients, found$relaxed, gamma)[, match(s, settings$lambda), drop = FALSE]
}

#' @rdname path_methods
#' @export
predict.glmpp_path <- function(object, newdata = NULL, s = NULL, type = c("link", "response", "class", "coefficients", "nonzero"), offset = NULL,
                               na.action = na.pass, gamma = 1, ...) {
  refuse_unknown(substitute(list(...)), "predict", predict.glmpp_path)
  type <- check_choice(type, c("link", "response", "class", "coefficients", "nonzero"), "type")
  if (type == "coefficients") return(coef(object, s, gamma))
  found <- path_at(object, s, gamma)
  if (type == "nonzero") {
    return(structure(lapply(seq_along(found$lambda), function(k) rownames(found$coefficients)[found$coefficients[, k] != 0]),
                     names = format_lambda(found$lambda)))
  }
  rows <- path_rows(object, newdata, offset, na.action)
  labels <- format_lambda(found$lambda)
  if (has_categories(object$family)) return(predict_classes(object, found, rows, type, labels))
  eta <- vapply(seq_along(found$lambda), function(k) {
    spread_rows(linear_predictor_impl(rows$design, found$coefficients[, k], object$solver$threads) + rows$offset, rows)
  }, numeric(length(rows$names)))
  eta <- matrix(eta, length(rows$names), dimnames = list(rows$names, labels))
  if (type == "link") return(eta)
  means <- eta
  means[] <- object$family$linkinv(as.vector(eta))
  if (type == "response") return(means)
  if (object$family$family != "binomial") stop_glmpp("argument", "`type = \"class\"` is for binomial and multinomial() paths.")
  outcome <- if (!is.null(object$frame)) model.response(object$frame)
  classes <- if (is.factor(outcome)) levels(outcome)[1:2] else c("0", "1")
  structure(classes[1 + (means > 0.5)], dim = dim(means), dimnames = dimnames(means))
}

path_rows <- function(object, newdata, offset, na.action) {
  if (!is.null(object$x_names)) return(matrix_rows(object, newdata, offset))
  if (!is.null(offset)) stop_glmpp("argument", "`offset` is for a path made of a matrix.", i = "Else it is a column of `newdata`, by its name in the formula.")
  if (!is.null(newdata)) return(read_new_rows(path_template(object), newdata, na.action, "error"))
  if (is.null(object$frame)) stop_needs_rows("predict() without `newdata`")
  list(design = design_blocks(object$schema, object$frame), offset = object$offset %||% 0, names = as.character(attr(object$frame, "row.names")))
}

matrix_rows <- function(object, newdata, offset) {
  if (is.null(newdata)) stop_glmpp("argument", "`newdata` must be given: a path made of a matrix does not hold it.")
  if (!is.null(object$offset) && is.null(offset)) stop_glmpp("argument", "`offset` must be given: the path has one.")
  if (!inherits(newdata, "dgCMatrix")) newdata <- as.matrix(newdata)
  if (ncol(newdata) != length(object$x_names)) {
    stop_glmpp("newdata", sprintf("`newdata` must have %d columns, those of the path's matrix.", length(object$x_names)), x = sprintf("It has %d.", ncol(newdata)))
  }
  newdata <- check_design_matrix(newdata, nrow(newdata), inherits(newdata, "dgCMatrix"))
  list(design = path_matrix_design(newdata), offset = offset %||% 0, names = rownames(newdata) %||% as.character(seq_len(nrow(newdata))))
}

# What reading new rows asks of a fit.
path_template <- function(object) {
  structure(c(object[c("terms", "schema", "family", "contrasts", "xlevels", "offset", "formula", "call", "solver")],
              list(coefficients = object$coefficients[, 1])), class = c("glmpp", "glm", "lm"))
}

# Rows by classes by lambda.
predict_classes <- function(object, found, rows, type, labels) {
  classes <- object$classes
  values <- array(0, c(length(rows$names), length(classes), length(found$lambda)), list(rows$names, classes, labels))
  for (k in seq_along(found$lambda)) {
    link <- path_predictors(found$coefficients[, k], rows$design, rows$offset, length(classes), object$solver$threads)
    values[, , k] <- spread_category_rows(if (type == "link") link else softmax_impl(link), rows)
  }
  if (type != "class") return(values)
  chosen <- vapply(seq_along(labels), function(k) as.character(most_probable(matrix(values[, , k], ncol = length(classes)), classes)),
                   character(length(rows$names)))
  matrix(chosen, length(rows$names), dimnames = list(rows$names, labels))
}

# A column for each class, from coefficients of one class after the other.
path_predictors <- function(coefficients, design, offset, classes, threads) {
  category_predictors(list(coefficients = matrix(coefficients, classes, byrow = TRUE)), design, offset, 0, threads)
}

#' @rdname path_methods
#' @export
logLik.glmpp_path <- function(object, ...) {
  structure(object$log_likelihood, df = path_df(object), nobs = object$nobs)
}

path_df <- function(object) object$df + counts_dispersion(object$family)

#' @rdname path_methods
#' @export
AIC.glmpp_path <- function(object, ..., k = 2) -2 * object$log_likelihood + k * path_df(object)

#' @rdname path_methods
#' @export
BIC.glmpp_path <- function(object, ...) -2 * object$log_likelihood + log(object$nobs) * path_df(object)

#' @export
deviance.glmpp_path <- function(object, ...) object$deviance

#' @export
nobs.glmpp_path <- function(object, ...) object$nobs

#' @export
family.glmpp_path <- function(object, ...) object$family

#' @export
formula.glmpp_path <- function(x, ...) x$formula

#' @rdname path_methods
#' @export
print.glmpp_path <- function(x, digits = 4, most = 20, ...) {
  cat("Call: ", deparse1(x$call), "\n\n", sep = "")
  cat(sprintf("%s of a %s model (%s link), %s, %d coefficients\n\n", format(x$penalty), x$family$family, x$family$link, plural(x$nobs, "row"), nrow(x$coefficients)))
  table <- data.frame(df = x$df, `%dev` = round(100 * x$dev_ratio, 2), lambda = signif(x$lambda, digits), check.names = FALSE)
  if (!is.null(x$relaxed)) table[["%dev relaxed"]] <- round(100 * x$relaxed$dev_ratio, 2)
  shown <- if (nrow(table) > most) unique(round(seq(1, nrow(table), length.out = most))) else seq_len(nrow(table))
  print(table[shown, ])
  if (length(shown) < nrow(table)) cat(sprintf("(%d of %d lambdas)\n", length(shown), nrow(table)))
  if (!all(x$converged)) cat(sprintf("Not converged: %s.\n", plural(sum(!x$converged), "lambda")))
  invisible(x)
}

#' @rdname path_methods
#' @export
select_fit <- function(object, criterion = c("bic", "aic", "ebic"), s = NULL, refit = TRUE, gamma = 1) {
  if (inherits(object, "glmpp_path_cv")) {
    if (is.null(s)) s <- if (missing(criterion)) object$lambda.1se else chosen_lambda(object$path, criterion, gamma)
    object <- object$path
  }
  if (inherits(object, "glmpp") && is_separable_fit(object)) return(refit_selected(object, parent.frame()))
  if (!inherits(object, "glmpp_path")) {
    stop_glmpp("argument", "`object` must be made by glmpp_path() or glmpp_cv().", x = sprintf("It is %s.", describe_type(object)))
  }
  check_flag(refit, "refit")
  if (is.null(s)) s <- chosen_lambda(object, criterion, gamma)
  if (length(s) != 1) stop_glmpp("argument", "`s` must be one lambda.", x = sprintf("It has %d.", length(s)))
  found <- path_at(object, s)
  if (!refit) return(path_of_one(object, s, found$coefficients))
  if (!is.null(object$x_names)) {
    stop_glmpp("argument", "A path made of a matrix has no formula to fit.",
               i = "Follow it as `glmpp_path(y ~ x)`, with `x` the matrix, or fit the columns that `predict(path, s = s, type = \"nonzero\")` names.")
  }
  call <- object$call
  call[[1]] <- quote(glmpp::glmpp)
  call[intersect(names(call), c("penalty", "lambda", "nlambda", "lambda_ratio", "tolerance", "maxit", "y"))] <- NULL
  call$formula <- selected_formula(object, found$coefficients[, 1])
  fit <- eval(call, parent.frame())
  fit$path_lambda <- s
  fit
}

# The path at one lambda alone.
path_of_one <- function(object, s, coefficients) {
  place <- place_on_path(object, s)
  if (is.na(place)) stop_glmpp("argument", "`s` must be a lambda of the path, for `refit = FALSE`.", i = sprintf("Follow the path with `lambda = %s`.", format(s)))
  each <- c("lambda", "deviance", "dev_ratio", "df", "log_likelihood", "violation", "converged", "steps")
  object[each] <- lapply(object[each], `[`, place)
  object$coefficients <- coefficients
  if (!is.null(object$relaxed)) {
    object$relaxed <- list(coefficients = object$relaxed$coefficients[, place, drop = FALSE], deviance = object$relaxed$deviance[place],
                           dev_ratio = object$relaxed$dev_ratio[place])
  }
  object
}

chosen_lambda <- function(object, criterion, gamma) {
  criterion <- check_choice(criterion, c("bic", "aic", "ebic"), "criterion")
  subsets <- lchoose(nrow(object$coefficients) - 1, pmax(object$df - 1, 0))
  values <- switch(criterion, aic = AIC(object), bic = BIC(object), ebic = BIC(object) + 2 * gamma * subsets)
  if (all(is.na(values))) stop_glmpp("argument", "The family has no likelihood to choose by.", i = "Give `s`, or choose by cross-validation: glmpp_cv().")
  object$lambda[which.min(values)]
}

# The terms that have a coefficient which is not zero.
selected_formula <- function(object, coefficients) {
  of_term <- rep_len(object$schema$assign, length(coefficients))
  labels <- attr(object$terms, "term.labels")
  dropped <- labels[!seq_along(labels) %in% of_term[coefficients != 0]]
  formula <- stats::formula(object$terms)
  if (!length(dropped)) return(formula)
  stats::update(formula, paste("~ . -", paste(dropped, collapse = " - ")))
}

#' @rdname path_methods
#' @export
plot.glmpp_path <- function(x, against = c("lambda", "norm", "deviance"), label = TRUE, most = 10, ...) {
  drawn <- path_lines(x, check_choice(against, c("lambda", "norm", "deviance"), "against"), most)
  looks <- coefficient_looks(nrow(drawn$values))
  old <- par(mar = if (label) margin_for(drawn$labels[drawn$labelled], 4) else par("mar"))
  on.exit(par(old))
  draw_frame(list(xlim = drawn$limits, ylim = range(drawn$values, 0), xlab = drawn$axis, ylab = "coefficient of the standardised column",
                  main = sprintf("%s path", format(x$penalty))), ...)
  abline(h = 0, col = guide_colour)
  matlines(drawn$place, t(drawn$values), col = looks$colour, lty = looks$line, lwd = 1.5)
  if (label) {
    at <- spread_labels(drawn$values[drawn$labelled, ncol(drawn$values)], diff(par("usr")[3:4]) / 24)
    mtext(drawn$labels[drawn$labelled], 4, at = at, las = 1, cex = 0.75, line = 0.2, col = looks$colour[drawn$labelled])
  }
  invisible(x)
}

# Once the colours are used up, each comes again with another line.
coefficient_looks <- function(count) {
  looks <- series_looks(count)
  round <- (seq_len(count) - 1) %/% length(chart_lines)
  looks$line <- chart_lines[(match(looks$line, chart_lines) + 2 * round - 1) %% length(chart_lines) + 1]
  looks
}

# Values at least so far apart, moved as little as going up allows.
spread_labels <- function(values, least) {
  order <- order(values)
  at <- values[order]
  for (k in seq_along(at)[-1]) at[k] <- max(at[k], at[k - 1] + least)
  at <- at - (mean(at) - mean(values))
  replace(values, order, at)
}

# Standardised coefficients, but those that are free, and where the axis puts them.
path_lines <- function(x, against, most) {
  slopes <- which(rowSums(x$coefficients != 0) > 0 & !grepl("(^|:)\\(Intercept\\)$", rownames(x$coefficients)))
  if (!length(slopes)) stop_glmpp("argument", "The path has no coefficient that is not zero.", i = "Take more or smaller `lambda`.")
  values <- x$coefficients[slopes, , drop = FALSE] * x$spread[slopes]
  place <- switch(against, lambda = -log(x$lambda), norm = colSums(abs(values)), deviance = x$dev_ratio)
  place[!is.finite(place)] <- max(place[is.finite(place)]) + 1
  end <- abs(values[, ncol(values)])
  list(values = values, place = place, limits = range(place), labels = rownames(values),
       labelled = utils::head(order(end, decreasing = TRUE), most),
       axis = switch(against, lambda = "-log(lambda)", norm = "sum of absolute coefficients", deviance = "share of the deviance explained"))
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_path <- function(object, against = c("lambda", "norm", "deviance"), label = TRUE, most = 10, ...) {
  need_ggplot2()
  drawn <- path_lines(object, check_choice(against, c("lambda", "norm", "deviance"), "against"), most)
  looks <- coefficient_looks(nrow(drawn$values))
  data <- data.frame(place = rep(drawn$place, each = nrow(drawn$values)), value = as.vector(drawn$values),
                     name = factor(rep(drawn$labels, length(drawn$place)), drawn$labels))
  last <- which.max(drawn$place)
  ends <- data.frame(place = drawn$place[last], value = drawn$values[drawn$labelled, last],
                     name = factor(drawn$labels[drawn$labelled], drawn$labels))
  ends$at <- spread_labels(ends$value, diff(range(data$value, 0)) / 24)
  made <- ggplot2::ggplot(data, ggplot2::aes(.data$place, .data$value, colour = .data$name)) +
    ggplot2::geom_hline(yintercept = 0, colour = guide_colour) +
    ggplot2::geom_line(ggplot2::aes(linetype = .data$name), show.legend = FALSE) +
    ggplot2::scale_colour_manual(values = looks$colour, guide = "none") + ggplot2::scale_linetype_manual(values = looks$line, guide = "none") +
    ggplot2::labs(title = sprintf("%s path", format(object$penalty)), x = drawn$axis, y = "coefficient of the standardised column") + light_theme()
  if (!label) return(made)
  made +
    ggplot2::geom_text(ggplot2::aes(y = .data$at, label = .data$name), ends, hjust = 0, nudge_x = diff(drawn$limits) / 80, size = 3,
                       show.legend = FALSE) +
    ggplot2::expand_limits(x = drawn$limits[2] + diff(drawn$limits) * max(nchar(drawn$labels[drawn$labelled])) / 70)
}
