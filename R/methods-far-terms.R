# Models with a term less or more than a fit from afar, on the rows of that fit: held columns of one open problem, so that all
# of them share one home and each starts next to its end. Families that estimate a parameter of their own are fitted again, and
# so are models with more terms where these have missing values in rows of the fit.

#' @rdname glmpp_remote
#' @param scope,scale,k As in [stats::drop1()] and [stats::add1()]; `scale` must be 0.
#' @export
drop1.glmpp_remote <- function(object, scope, scale = 0, test = c("none", "Chisq", "LRT", "F", "Rao"), k = 2, vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "drop1", drop1.glmpp_remote, "trace")
  if (!is.null(vcov)) return(wald_drops(object, scope, if (missing(test)) NULL else test, vcov))
  test <- check_far_test(object, "drop1()", scale, test)
  scope <- terms_to_drop(object, if (!missing(scope)) scope)
  if (has_far_candidates(object)) {
    return(far_terms_table(object, models_without(object, scope, test), scope, test, k, "Single term deletions", 1))
  }
  refuse_far_scores(test)
  rows <- if (length(object$na.action)) complete_condition(object)
  fits <- lapply(scope, function(term) refit_on(object, update_terms(object, "-", term), rows))
  far_terms_table(object, fits, scope, test, k, "Single term deletions", 1)
}

#' @rdname glmpp_remote
#' @export
add1.glmpp_remote <- function(object, scope, scale = 0, test = c("none", "Chisq", "LRT", "F", "Rao"), k = 2, refit = TRUE, ...) {
  refuse_unknown(substitute(list(...)), "add1", add1.glmpp_remote, "trace")
  test <- check_far_test(object, "add1()", scale, test)
  check_flag(refit, "refit")
  if (!refit) return(screened_additions(object, scope, scale, test))
  scope <- terms_to_add(object, if (!missing(scope)) scope)
  models <- if (has_far_candidates(object)) models_with(object, scope, test)
  if (!is.null(models)) return(far_terms_table(object, models, scope, test, k, "Single term additions", -1))
  refuse_far_scores(test)
  rows <- complete_condition(object, variable_expressions(stats::terms(stats::reformulate(scope))))
  fits <- lapply(scope, function(term) refit_on(object, update_terms(object, "+", term), rows))
  base <- object
  if (length(fits) && fits[[1]]$nobs != object$nobs) {
    warn_glmpp("rows", sprintf("The models use %s, those where no term of `scope` is missing.", plural(fits[[1]]$nobs, "row")),
               x = sprintf("The fit has %s.", plural(object$nobs, "row")))
    base <- refit_on(object, stats::formula(object), rows)
  }
  far_terms_table(base, fits, scope, test, k, "Single term additions", -1)
}

check_far_test <- function(object, what, scale, test) {
  refuse_unpenalised_models(object, what)
  if (!identical(as.double(scale), 0)) {
    stop_glmpp("argument", "`scale` must be 0 for a fit from afar: the dispersion is estimated.", x = sprintf("It is %s.", value_text(scale)))
  }
  test <- check_choice(test, c("none", "Chisq", "LRT", "F", "Rao"), "test")
  if (test == "F" && has_estimated_parameter(object)) {
    stop_glmpp("argument", "Models that each estimate a parameter of the family are compared by their likelihoods: `test = \"Chisq\"`.")
  }
  test
}

# Where models are fitted from the start they share no problem to score them on.
refuse_far_scores <- function(test) {
  if (test != "Rao") return(invisible())
  stop_glmpp("argument", "`test = \"Rao\"` from afar needs models on the columns and the rows of one problem.",
             x = "Here terms have missing values, a factor would be coded otherwise, or the family estimates a parameter of its own.",
             i = "Take `test = \"Chisq\"`.")
}

# See has_candidates().
has_far_candidates <- function(object) !has_estimated_parameter(object) && !is_quasi(object$family) && length(object$coefficients) > 0

models_without <- function(object, scope, test) {
  terms <- match(scope, attr(object$terms, "term.labels"))
  assign <- object$schema$assign
  if (!length(terms)) return(NULL)
  with_far_candidates(object, "Terms left out", function(fit, score) lapply(terms, function(term) {
    model <- fit(which(assign != term))
    if (test == "Rao") model$score <- score(model, seq_along(assign))
    model
  }))
}

# Of the fit's own columns. `work` is given a function that fits chosen ones, and one that makes the score test of others beside a fit.
with_far_candidates <- function(object, title, work) {
  with_problem(object, function(problem) {
    problem$settings <- candidate_settings(object)
    over_candidates(problem, object, title, work)
  })
}

over_candidates <- function(problem, object, title, work) {
  models <- open_candidates(problem, object, problem$schema$assign, title)
  on.exit(models$done())
  work(function(chosen) models$fit(models$columns[, chosen], NULL),
       function(model, chosen) score_statistic(model$residuals$ask(), chosen)$statistic)
}

# NULL where the rows would be others, or where a factor would be coded otherwise beside all terms of `scope` than beside those of the fit.
models_with <- function(object, scope, test) {
  with_larger_problem(object, scope, function(problem) {
    base <- match(column_keys(object$schema), column_keys(problem$schema))
    offered <- stats::add.scope(object, problem$schema$terms)
    if (anyNA(base) || !problem$schema$intercept || length(offered) != length(scope)) return(NULL)
    columns <- lapply(places_of_terms(scope, problem$schema$terms), function(term) sort(c(base, which(problem$schema$assign == term))))
    over_candidates(problem, object, "Terms added", function(fit, score) {
      smaller <- if (test == "Rao") fit(sort(base))
      lapply(columns, function(chosen) c(fit(chosen), list(score = if (test == "Rao") score(smaller, chosen))))
    })
  })
}

# The stages of fit_far() up to the problem, for the formula of the fit with the terms of `scope`.
with_larger_problem <- function(object, scope, work) {
  model <- object$remote$model
  call <- object$call
  call$formula <- update_terms(object, "+", paste(scope, collapse = " + "))
  if (!is.null(model$row_subset)) call$subset <- model$row_subset
  settings <- candidate_settings(object)
  model <- new_remote_model(call, model$family, environment(call$formula), settings, NULL, model$contrasts, model$na_action)
  with_home(object$remote$source, model, function(home) {
    outline <- home$outline()
    if (outline$kept != object$nobs) return(NULL)
    model[names(outline$settled)] <- outline$settled
    schema <- new_schema(outline_frame(outline), model$contrasts)
    work(far_opener(home, outline, schema, model, settings)(model$family))
  })
}

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

# `models`: lists of rank and deviance, or fits where a parameter of the family was estimated.
far_terms_table <- function(object, models, scope, test, k, heading, sign) {
  models <- c(list(object), models)
  rank <- vapply(models, function(model) as.double(model$rank), 0)
  deviance <- vapply(models, `[[`, 0, "deviance")
  likelihood <- if (has_estimated_parameter(object)) vapply(models, function(fit) -2 * as.double(stats::logLik(fit)), 0)
                else stats_likelihood(object, deviance)
  aic <- likelihood + k * rank
  aic <- aic + (stats::extractAIC(object, k = k)[2] - aic[1])
  if (test == "Rao") {
    statistic <- vapply(models[-1], `[[`, 0, "score") / dispersion_of(object)
    return(candidates_table(object, rank, deviance, aic, scope, heading, sign, structure(list(statistic), names = score_column(object))))
  }
  if (test == "F") return(add_f_test(candidates_table(object, rank, deviance, aic, scope, heading, sign), object, sign))
  name <- if (has_known_dispersion(object$family)) "LRT" else "scaled dev."
  candidates_table(object, rank, deviance, aic, scope, heading, sign,
                   if (test != "none") structure(list(sign * (likelihood[-1] - likelihood[1])), names = name))
}

# What drop1() and add1() of a glm take for minus twice the log-likelihood.
stats_likelihood <- function(object, deviance) {
  if (object$family$family == "gaussian") object$nobs * log(deviance / object$nobs) else deviance / dispersion_of(object)
}

# Over the dispersion of the larger model.
add_f_test <- function(table, object, sign) {
  df <- ifelse(table$Df[-1] > 0, table$Df[-1], NA)
  gain <- pmax(0, sign * (table$Deviance[-1] - table$Deviance[1]))
  residual <- if (sign > 0) object$df.residual else object$df.residual - df
  f <- gain / df / ((if (sign > 0) table$Deviance[1] else table$Deviance[-1]) / residual)
  table[["F value"]] <- c(NA, f)
  table[["Pr(>F)"]] <- c(NA, stats::pf(f, df, residual, lower.tail = FALSE))
  table
}
