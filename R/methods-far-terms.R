# Models with a term less or more than a fit from afar, on the rows of that fit: where a predictor has missing values,
# the model without it would have more.

#' @rdname glmpp_remote
#' @param scope,scale,k As in [stats::drop1()] and [stats::add1()]; `scale` must be 0.
#' @export
drop1.glmpp_remote <- function(object, scope, scale = 0, test = c("none", "Chisq", "LRT", "F"), k = 2, ...) {
  known <- attr(object$terms, "term.labels")
  scope <- if (missing(scope)) stats::drop.scope(object) else scope_labels(scope, object)
  unknown <- setdiff(scope, known)
  if (length(unknown)) stop_scope(unknown, known)
  rows <- if (length(object$na.action)) complete_condition(object)
  fits <- lapply(scope, function(term) refit_on(object, update_terms(object, "-", term), rows))
  terms_table(object, fits, scope, scale, test, k, "Single term deletions", sign = 1)
}

#' @rdname glmpp_remote
#' @export
add1.glmpp_remote <- function(object, scope, scale = 0, test = c("none", "Chisq", "LRT", "F"), k = 2, ...) {
  if (missing(scope)) stop_glmpp("argument", "`scope` is missing.", i = "Name the terms that may come in: `add1(fit, ~ . + x)`.")
  scope <- if (is.character(scope)) scope else stats::add.scope(object, stats::update.formula(object, scope))
  if (!length(scope)) stop_glmpp("argument", "`scope` adds no term to the model.", i = "Name the terms that may come in: `add1(fit, ~ . + x)`.")
  rows <- complete_condition(object, variable_expressions(stats::terms(stats::reformulate(scope))))
  fits <- lapply(scope, function(term) refit_on(object, update_terms(object, "+", term), rows))
  base <- object
  if (length(fits) && fits[[1]]$nobs != object$nobs) {
    warn_glmpp("rows", sprintf("The models use %s, those where no term of `scope` is missing.", plural(fits[[1]]$nobs, "row")),
               x = sprintf("The fit has %s.", plural(object$nobs, "row")))
    base <- refit_on(object, stats::formula(object), rows)
  }
  terms_table(base, fits, scope, scale, test, k, "Single term additions", sign = -1)
}

scope_labels <- function(scope, object) {
  if (is.character(scope)) scope else attr(stats::terms(stats::update.formula(object, scope)), "term.labels")
}

stop_scope <- function(unknown, known) {
  stop_glmpp("argument", sprintf("`scope` has `%s`, which is no term of the model.", unknown[1]),
             x = sprintf("Its terms are %s.", comma(known)), i = did_you_mean(unknown[1], known))
}

update_terms <- function(object, sign, term) stats::update.formula(object, sprintf(". ~ . %s %s", sign, term))

# The rows where none of the variables is missing, those of the fit and `added` ones.
complete_condition <- function(object, added = list()) {
  variables <- variable_expressions(object$terms)
  is_matrix <- vapply(object$remote$outline$variables[seq_along(variables)], function(variable) isTRUE(variable$is_matrix), NA)
  further <- as.list(object$remote$model$frame_call)[intersect(c("weights", "offset"), names(object$remote$model$frame_call))]
  conditions <- c(Map(known_condition, variables, is_matrix), lapply(c(unname(further), added), known_condition))
  Reduce(function(a, b) call("&", a, b), unique(unname(conditions)))
}

known_condition <- function(variable, is_matrix = is_call_of(variable, c("poly", "ns", "bs", "cbind"))) {
  if (is_call_of(variable, "cbind")) {
    return(Reduce(function(a, b) call("&", a, b), lapply(unname(as.list(variable)[-1]), known_condition)))
  }
  if (is_matrix) call("complete.cases", variable) else call("!", call("is.na", variable))
}

refit_on <- function(object, formula, rows) {
  call <- object$call
  call$formula <- formula
  call$data <- object$remote$source
  numbers <- object$remote$model$row_subset
  if (!is.null(numbers) && !is.null(rows)) {
    stop_glmpp("subset", "The rows of the fit were chosen by their numbers, and predictors have missing values.",
               i = "Choose them by a condition, such as `subset = id <= 100`, or leave rows with missing values out of the data.")
  }
  if (!is.null(numbers)) call$subset <- numbers
  if (!is.null(rows)) call$subset <- if (is.null(call$subset)) rows else call("&", call("(", call$subset), rows)
  eval(call, environment(formula))
}

terms_table <- function(object, fits, scope, scale, test, k, heading, sign) {
  if (!identical(as.double(scale), 0)) {
    stop_glmpp("argument", "`scale` must be 0 for a fit from afar: the dispersion is estimated.", x = sprintf("It is %s.", value_text(scale)))
  }
  test <- match.arg(test, c("none", "Chisq", "LRT", "F"))
  all <- c(list(object), fits)
  edf <- vapply(all, function(fit) fit$nobs - fit$df.residual, 0)
  deviance <- vapply(all, function(fit) fit$deviance, 0)
  aic <- vapply(all, function(fit) stats::extractAIC(fit, k = k)[2], 0)
  df <- c(NA, sign * (edf[1] - edf[-1]))
  table <- data.frame(Df = df, Deviance = deviance, AIC = aic, row.names = c("<none>", scope))
  if (test != "none") table <- add_test(table, all, sign, test)
  structure(table, class = c("anova", "data.frame"),
            heading = c(heading, "\nModel:", deparse(stats::formula(object))))
}

# The test by the likelihood ratio, or by F with the dispersion of the larger model.
add_test <- function(table, fits, sign, test) {
  object <- fits[[1]]
  larger <- if (sign > 0) rep(fits[1], length(fits) - 1) else fits[-1]
  gain <- sign * (table$Deviance[-1] - table$Deviance[1])
  df <- table$Df[-1]
  dispersion <- vapply(larger, dispersion_of, 0)
  if (test == "F") {
    residual <- vapply(larger, function(fit) fit$deviance / fit$df.residual, 0)
    f <- gain / df / residual
    table[["F value"]] <- c(NA, f)
    table[["Pr(>F)"]] <- c(NA, stats::pf(f, df, vapply(larger, function(fit) as.double(fit$df.residual), 0), lower.tail = FALSE))
    return(table)
  }
  statistic <- gain / dispersion
  table[[if (has_known_dispersion(object$family)) "LRT" else "scaled dev."]] <- c(NA, statistic)
  table[["Pr(>Chi)"]] <- c(NA, stats::pchisq(statistic, df, lower.tail = FALSE))
  table
}
