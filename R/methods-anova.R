# anova() for our fits: after a check of its arguments and of the rows.

#' Tables of deviance, and tests of terms
#'
#' As [stats::anova.glm()]: of one fit a line for each term, added one after the other (a fit for each, by held columns of one open
#' problem);
#' of several fits their differences. Fits from afar have the method described in [glmpp_remote].
#'
#' @param object,... Fits by [glmpp()] to the same rows, or one.
#' @param dispersion A number, or what [dispersion()] estimates; NULL: as [summary()][summary.glmpp].
#' @param test `"Chisq"` (or `"LRT"`), `"F"`, `"Cp"`, or `"Rao"`, the score test, by one pass for each term (see
#'   [drop1()][glmpp_candidates]).
#' @param vcov Wald tests by this covariance in the place of deviances, see [wald_tests]: `"HC0"` to `"HC4m"`, clusters `~ id`,
#'   [newey_west()], a matrix or a function, at the passes that [vcov.glmpp()] says.
#' @returns A table of class `anova`. Fits with a parameter of the family's own are compared by their likelihoods; bias-reduced ones by
#'   their penalised likelihood, see [firth()].
#' @section Conditions:
#' Errors of class `glmpp_error_rows` where the models have other rows, `glmpp_error_penalty` for penalised fits, `glmpp_error_anova`
#' where the table can't be made.
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' anova(fit, test = "Chisq")
#' anova(update(fit, . ~ wool), fit, test = "Rao")
#' anova(fit, vcov = "HC3")
#' @export
anova.glmpp <- function(object, ..., dispersion = NULL, test = NULL, vcov = NULL) {
  refuse_other_than_models(substitute(list(...)), list(...), anova.glmpp, c("glm", "lm"))
  if (!is.null(vcov)) {
    refuse_with("vcov", c(dispersion = !is.null(dispersion)))
    return(wald_anova(list(object, ...), test, vcov))
  }
  models <- c(list(object), Filter(function(model) inherits(model, "glm"), list(...)))
  for (model in models) refuse_errors(model, "anova()")
  dispersion <- given_dispersion(dispersion, object)
  # anova.glm() looks at missing(test): it is passed on by NextMethod() as it came.
  if (!is.null(test)) check_choice(test, c("Rao", "LRT", "Chisq", "F", "Cp"), "test")
  if (length(models) > 1 && any(vapply(models, has_penalised_likelihood, NA))) return(penalised_comparison(models))
  if (length(models) > 1) check_same_rows(models) else fit_frame(object)
  if (any(vapply(models, function(model) !is.null(.subset2(model, "bias_reduction")), NA))) refuse_unpenalised_models(object, "anova()")
  estimated <- any(vapply(models, has_estimated_parameter, NA))
  if (length(models) > 1 && estimated) return(compare_estimated(models))
  if (has_theta(object) && missing(test)) test <- "Chisq"
  if (length(models) == 1) refuse_unpenalised_models(object, "anova() of one fit")
  if (length(models) == 1) refuse_joint_errors(object, "anova() of one fit",
                                               "Compare fits, as in `anova(smaller, larger)`, or take drop1().")
  if (length(models) == 1 && has_candidates(object)) {
    # anova.glm() looks at missing(test).
    return(if (missing(test)) sequential_table(object, dispersion) else sequential_table(object, dispersion, test = test))
  }
  tryCatch(NextMethod(), error = function(e) if (inherits(e, "glmpp_error")) stop(e) else stop_anova(e))
}

stop_anova <- function(error) {
  stop_glmpp("anova", sprintf("The table can't be made: %s.", conditionMessage(error)),
             i = "That is so for a model with as many coefficients as rows, or whose fit is degenerate.")
}

# A comparison means something on the same rows only; glm() looks at their number.
check_same_rows <- function(models) {
  rows <- lapply(models, function(model) names(model$residuals))
  for (k in seq_along(models)[-1]) {
    if (are_same_rows(models[[1]], models[[k]])) next
    only <- list(setdiff(rows[[1]], rows[[k]]), setdiff(rows[[k]], rows[[1]]))
    stop_glmpp("rows", "models were not all fitted to the same size of dataset, or not to the same rows.",
               x = sprintf("Model 1 has %s, model %d has %s.", plural(length(rows[[1]]), "row"), k, plural(length(rows[[k]]), "row")),
               x = only_in_text(1, only[[1]]), x = only_in_text(k, only[[2]]),
               x = differing_text(models[[1]], models[[k]]),
               x = missing_variables_text(models[c(1, k)], c(1, k)),
               i = "Fit them to the same complete rows: `data = na.omit(data[all variables])`.")
  }
}

# By their names, if those can tell: a tibble has none, and numbers rows anew as every copy may.
are_same_rows <- function(a, b) {
  names <- lapply(list(a, b), function(model) names(model$residuals))
  if (length(names[[1]]) != length(names[[2]])) return(FALSE)
  if (setequal(names[[1]], names[[2]])) return(TRUE)
  if (!names_tell_nothing(a, b)) return(FALSE)
  responses <- lapply(list(a, b), function(model) unname(as.vector(row_response(unclass(model)))))
  weights <- lapply(list(a, b), function(model) unname(as.double(model$prior.weights)))
  isTRUE(all.equal(responses[[1]], responses[[2]])) && isTRUE(all.equal(weights[[1]], weights[[2]]))
}

# Of two sets of names that differ.
names_tell_nothing <- function(a, b) {
  is_numbered(a) != is_numbered(b) || !any(names(a$residuals) %in% names(b$residuals))
}

differing_text <- function(a, b) {
  if (length(a$residuals) == length(b$residuals) && names_tell_nothing(a, b)) "Their responses or weights differ, row by row."
}

# From 1 on, but for the rows whose missing values left them out.
is_numbered <- function(model) {
  names <- names(model$residuals)
  all <- seq_len(length(names) + length(model$na.action))
  identical(names, as.character(if (length(model$na.action)) all[-model$na.action] else all))
}

only_in_text <- function(k, rows) {
  if (length(rows)) sprintf("Only in model %d: %s.", k, rows_text(rows))
}

# Which variables' missing values took rows from which model.
missing_variables_text <- function(models, numbers) {
  texts <- Map(function(model, number) {
    omitted <- model$na.action
    if (is.null(omitted)) return(NULL)
    call <- new_frame_call(model$call)
    call$na.action <- quote(stats::na.pass)
    frame <- tryCatch(eval(call, environment(model$formula)), error = function(e) NULL)
    counts <- vapply(frame, function(column) sum(rowSums(is.na(as.matrix(column))) > 0), 0)
    counts <- counts[counts > 0]
    if (length(counts)) sprintf("Model %d dropped rows where NA: %s.", number, comma(sprintf("`%s` (%d)", names(counts), counts)))
  }, models, numbers)
  texts <- unlist(texts)
  if (length(texts)) paste(texts, collapse = " ")
}
