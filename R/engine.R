# The engine "glmpp" of tidymodels' linear, logistic, Poisson and multinomial regressions: registered in parsnip's table of models when both
# packages are loaded.

#' The engine "glmpp" of tidymodels
#'
#' `set_engine("glmpp")` makes the models `linear_reg()`, `logistic_reg()`, `poisson_reg()` and `multinom_reg()` of \pkg{parsnip} fits by
#' [glmpp()]; it is there as soon as both packages are loaded. This function is what the engine calls, and is not called by users.
#'
#' @param formula,data,weights,... As in [glmpp()], which gets them as they are. Whatever [glmpp()] takes goes through `set_engine()`:
#'   `set_engine("glmpp", family = negative_binomial(), keep = "summary")`, `bias_reduction = "mean"`.
#' @param penalty NULL, or a number of zero or more: `lambda` of [ridge()], none where it is zero; or what [ridge()] makes.
#' @param mixture NULL or 0, since the penalty is the ridge's; others are an error of class `glmpp_error_argument`.
#'
#' @section As engine "glm":
#' The fit within (`extract_fit_engine()`) is a [glmpp()] fit. Types of prediction are those of the engine `"glm"` (for `multinom_reg()`, of
#' `"nnet"`): `numeric`; `class`, `prob`; `conf_int`, with `std_error = TRUE` too, by t quantiles on the scale of the link as parsnip has it for
#' `"glm"` (not for `multinom_reg()`); and `raw`, [predict()]'s linear predictors. `poisson_reg()` has `conf_int` besides, and needs no
#' \pkg{poissonreg}. Case weights are `weights`, whether they are importance or frequency weights: in models whose dispersion is estimated the
#' degrees of freedom are those of the rows, as with `"glm"`.
#'
#' An offset is a term of the formula, `y ~ x + offset(log(exposure))`; in a workflow that of `add_model(formula = )`.
#'
#' @section Differences from engine "glm":
#' Factors stay factors, no indicators are made of them. In a workflow `add_formula()` then allows no interaction of factors, as for all
#' engines without indicators: give it to `add_model(formula = )`.
#'
#' @section Penalty:
#' `penalty` is [ridge()]'s `lambda`: half of it times the sum of squared slopes is added to the negative log-likelihood with dispersion 1,
#' of columns as they are (normalise them in the recipe), the intercept left alone. glmnet divides by the sum of weights and scales columns:
#' its `penalty`, times the number of rows, is ours without its scaling. Coefficients of `multinom_reg()` are against the first class, as in
#' the engine `"nnet"`, whose `penalty` counts the intercepts too, and all of the sum.
#'
#' @returns What [glmpp()] returns.
#' @examples
#' if (requireNamespace("parsnip", quietly = TRUE)) {
#'   shifts <- transform(mtcars, am = factor(am, labels = c("automatic", "manual")))
#'   model <- parsnip::set_engine(parsnip::logistic_reg(), "glmpp")
#'   fit <- parsnip::fit(model, am ~ wt + factor(cyl), shifts)
#'   predict(fit, shifts[1:3, ], type = "prob")
#'   summary(parsnip::extract_fit_engine(fit), vcov = "HC1")
#' }
#' @concept tidymodels
#' @concept parsnip
#' @export
glmpp_engine <- function(formula, data, weights, ..., penalty = NULL, mixture = NULL) {
  call <- match.call()
  call[[1]] <- quote(glmpp::glmpp)
  check_mixture(mixture)
  call$mixture <- NULL
  call$penalty <- engine_penalty(penalty)
  eval(call, parent.frame())
}

check_mixture <- function(mixture) {
  if (is.null(mixture) || identical(as.double(mixture), 0)) return(invisible())
  stop_glmpp("argument", "`mixture` must be NULL or 0: the engine \"glmpp\" has the ridge penalty only.",
             x = sprintf("It is %s.", value_text(mixture)), i = "For lasso and elastic net use the engine \"glmnet\".")
}

engine_penalty <- function(penalty) {
  if (!is.numeric(penalty)) return(penalty)
  if (!identical(as.double(penalty), 0)) bquote(glmpp::ridge(.(penalty)))
}

# Models --------------------------------------------------------------------------------------------------------------------------

engine_models <- function() {
  numeric <- list(numeric = engine_prediction("response"), conf_int = engine_prediction("link", engine_interval, se.fit = TRUE),
                  raw = engine_prediction())
  classes <- list(class = engine_prediction("response", engine_class), prob = engine_prediction("response", engine_probabilities),
                  conf_int = engine_prediction("link", engine_class_intervals, se.fit = TRUE), raw = engine_prediction())
  several <- list(class = engine_prediction("class"), prob = engine_prediction("probs", engine_class_probabilities), raw = engine_prediction())
  list(
    linear_reg = list(mode = "regression", family = quote(stats::gaussian), predictions = numeric),
    poisson_reg = list(mode = "regression", family = quote(stats::poisson), predictions = numeric),
    logistic_reg = list(mode = "classification", family = quote(stats::binomial), predictions = classes),
    multinom_reg = list(mode = "classification", family = quote(glmpp::multinomial()), predictions = several)
  )
}

# What is registered outlives a reload of glmpp, and can't be registered twice. A newer parsnip may have other rules: glmpp loads all
# the same.
register_engine <- function() {
  parsnip <- asNamespace("parsnip")
  models <- engine_models()
  tryCatch(for (model in names(models)) {
    if (!"glmpp" %in% parsnip$get_from_env(model)$engine) register_model(parsnip, model, models[[model]])
  }, error = function(e) {
    warn_glmpp("engine", sprintf("The engine \"glmpp\" can't be registered with parsnip %s.", getNamespaceVersion("parsnip")),
               x = conditionMessage(e))
  })
}

register_model <- function(parsnip, model, description) {
  mode <- description$mode
  parsnip$set_model_engine(model, mode, "glmpp")
  parsnip$set_dependency(model, "glmpp", "glmpp", mode)
  for (argument in c("penalty", "mixture")) {
    parsnip$set_model_arg(model, "glmpp", argument, argument, list(pkg = "dials", fun = argument), has_submodel = FALSE)
  }
  parsnip$set_fit(model, mode, "glmpp", list(
    interface = "formula", protect = c("formula", "data", "weights"), func = c(pkg = "glmpp", fun = "glmpp_engine"),
    defaults = list(family = description$family)
  ))
  parsnip$set_encoding(model, mode, "glmpp", list(
    predictor_indicators = "none", compute_intercept = TRUE, remove_intercept = TRUE, allow_sparse_x = FALSE
  ))
  for (type in names(description$predictions)) parsnip$set_pred(model, mode, "glmpp", type, description$predictions[[type]])
}

# What comes out of predict() --------------------------------------------------------------------------------------------------------

engine_prediction <- function(type = NULL, post = NULL, ...) {
  arguments <- c(list(object = quote(object$fit), newdata = quote(new_data)), if (!is.null(type)) list(type = type), ...)
  list(pre = NULL, post = post, func = c(fun = "predict"), args = arguments)
}

engine_class <- function(probability, object) ifelse(probability >= 0.5, object$lvl[2], object$lvl[1])

engine_probabilities <- function(probability, object) {
  stats::setNames(data.frame(unname(1 - probability), unname(probability)), object$lvl)
}

engine_class_probabilities <- function(probabilities, object) as.data.frame(probabilities, row.names = FALSE, optional = TRUE)

# On the scale of the link, by t quantiles as parsnip has them for "glm"; limits of a falling link change places.
engine_limits <- function(results, object) {
  level <- object$spec$method$pred$conf_int$extras$level
  reach <- stats::qt((1 + level) / 2, object$fit$df.residual) * results$se.fit
  ends <- lapply(list(results$fit - reach, results$fit + reach), function(eta) unname(object$fit$family$linkinv(eta)))
  list(lower = do.call(pmin, ends), upper = do.call(pmax, ends))
}

engine_interval <- function(results, object) {
  limits <- engine_limits(results, object)
  with_std_error(data.frame(.pred_lower = limits$lower, .pred_upper = limits$upper), results, object)
}

engine_class_intervals <- function(results, object) {
  second <- engine_limits(results, object)
  limits <- data.frame(1 - second$upper, 1 - second$lower, second$lower, second$upper)
  names(limits) <- paste0(c(".pred_lower_", ".pred_upper_"), rep(object$lvl, each = 2))
  with_std_error(limits, results, object)
}

with_std_error <- function(limits, results, object) {
  if (object$spec$method$pred$conf_int$extras$std_error) limits$.std_error <- unname(results$se.fit)
  limits
}
