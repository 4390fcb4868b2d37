#' Average effects of variables
#'
#' How much the mean of the response changes with each variable: for a number the derivative \eqn{d\mu/dx}, for a factor, text or a
#' logical the difference of the mean between each level and the first one, averaged over the rows, or taken at one row of means.
#' Variables are moved before the formula makes columns of them, so that `poly(x, 2)`, `log(x)`, splines and interactions move with
#' them. Standard errors are by the delta method.
#'
#' A number is moved by a small step to both sides in every row (two passes), a level by setting all rows to it (a pass a level); the
#' gradient in the coefficients, \eqn{X_+'\dot\mu_+ - X_-'\dot\mu_-} over the width of the step, comes from the same passes, and no
#' design matrix is formed. A number that is only in `factor(x)` is moved between its levels. A 0/1 number has a derivative; make it
#' a factor or a logical for a difference. Rows count equally, as in `marginaleffects::avg_slopes()`, unless `wts` is given. Offsets
#' are those of the rows.
#'
#' @param object A fit by [glmpp()], in memory or from afar.
#' @param variables Names of variables, as the data have them; by default all that are in a term of the formula.
#' @param at `"average"`: the mean of the effects in the rows. `"means"`: the effects in one row, with numbers at their means and
#'   levels at the most frequent one (the first of several), as `marginaleffects` has `newdata = "mean"`. (Stata's `atmeans` takes the
#'   shares of the levels instead.)
#' @param newdata The rows: a data frame, or a source such as [csv_chunks()], read part by part. By default those of the fit, for one
#'   from afar by two passes at most over its source. Rows that miss a value are left out.
#' @param level Level of the intervals.
#' @param vcov The covariance of the coefficients, as in [vcov.glmpp()], section "In other verbs".
#' @param type `"response"`, or `"link"` for effects on the linear predictor.
#' @param wts NULL, or the name of a column of the rows by which they are weighted.
#' @param ... None: an argument that is not known is an error.
#' @returns A data frame of class `c("glmpp_average_effects", "data.frame")` with a row for each variable and contrast: `variable`,
#'   `contrast` (`"dY/dX"`, in units of the response per unit of the variable: a day for dates, a second for date-times; or
#'   `"level - reference"`), `estimate`, `std_error`, `statistic` (z), `p_value`, `lower`, `upper`. Attributes `at`, `type`, `level`,
#'   `covariance` and `rows`.
#' @section Conditions:
#' Errors of class `glmpp_error_effects` for variables that have no such effect (a number that is also a factor, or in a step function
#' such as `x > 3`), `glmpp_error_rows` where a cluster or a database makes sums only, `glmpp_error_categories` for fits of several
#' categories, `glmpp_error_covariance` for a [truncated_negative_binomial()] whose theta was estimated, `glmpp_error_left_out` and
#' `glmpp_error_newdata` where the rows of the fit are gone or have changed, `glmpp_error_argument` else. A warning of class
#' `glmpp_warning_rank_deficient` where aliased columns leave an effect undetermined: it is NA; of class `glmpp_warning_covariance`
#' where a covariance by clusters in several ways is not positive definite.
#' @references Bartus, T. (2005) Estimation of marginal effects using margeff, *The Stata Journal* 5, 309-329. Greene, W. H. (2012)
#'   *Econometric Analysis*, 7th edition, Pearson, section 17.3.
#' @examples
#' fit <- glmpp(am ~ wt + factor(cyl), binomial, mtcars)
#' average_effects(fit)
#' average_effects(fit, "wt", vcov = "HC1")
#' @concept marginal effects
#' @concept risk difference
#' @concept relative risk
#' @concept average marginal effect
#' @concept standardisation
#' @concept g-computation
#' @export
average_effects <- function(object, variables = NULL, at = c("average", "means"), newdata = NULL, level = 0.95, vcov = NULL,
                            type = c("response", "link"), wts = NULL, ...) {
  refuse_unknown(substitute(list(...)), "average_effects", average_effects)
  check_effects_fit(object, "average_effects()",
                    "`emmeans::emmeans()` takes such fits, `marginaleffects::avg_slopes()` those by `nnet::multinom()` or `MASS::polr()`.")
  refuse_joint_errors(object, "average_effects()")
  at <- check_choice(at, c("average", "means"), "at")
  type <- check_choice(type, c("response", "link"), "type")
  check_share(level, "level")
  if (!is.null(wts) && !(is.character(wts) && length(wts) == 1)) stop_effect_weights(wts)
  chosen <- chosen_covariance(object, vcov)
  if (at == "means" || !is.null(newdata)) warn_link_of_rows(object, newdata)
  refuse_terms_of_all_rows(variables, object)
  effects <- warn_once({
    state <- new.env(parent = emptyenv())
    parts <- effect_parts(object, newdata, wts)
    is_whole <- !is_source(newdata) && !(is.null(newdata) && inherits(object, "glmpp_remote"))
    at_rows <- if (at == "means") one_part(typical_row(object, parts, wts, is_whole, state)) else parts
    sum_effects(object, at_rows, variables, list(type = type, wts = if (at == "average") wts, is_whole = is_whole, state = state))
  })
  if (is.null(newdata) && at == "average") check_rows_of_source(object, effects$rows)
  table <- tabulate_effects(object, effects, chosen$matrix %||% covariance_of_all(object, complete = FALSE), level)
  structure(table, class = c("glmpp_average_effects", "data.frame"), at = at, type = type, level = level,
            covariance = chosen$label %||% "of the model", rows = effects$rows)
}

check_effects_fit <- function(object, verb, remedy) {
  if (inherits(object, "glmpp_categories")) {
    stop_glmpp("categories", sprintf("%s takes fits with one mean a row, not several categories.", verb), i = remedy)
  }
  if (!inherits(object, "glmpp") || is.null(.subset2(object, "terms"))) {
    stop_glmpp("argument", "`object` must be a fit by glmpp(), with a formula.", x = sprintf("It is %s.", describe_type(object)),
               i = if (inherits(object, "glmpp_hurdle")) "Its parts are such fits: `object$count`, `object$zero`."
                   else if (inherits(object, "glm")) "For a glm there is `marginaleffects::avg_slopes()`.")
  }
}

check_rows_of_source <- function(object, rows) {
  if (!inherits(object, "glmpp_remote") || rows == object$remote$outline$kept) return(invisible())
  stop_glmpp("parts", "The data have changed since the fit.",
             x = sprintf("They have %s now; the fit had %s.", plural(rows, "row"), plural(object$remote$outline$kept, "row")))
}

stop_effect_weights <- function(wts, known = NULL) {
  stop_glmpp("argument", "`wts` must be NULL or the name of a column of the rows.", x = sprintf("It is %s.", value_text(wts)),
             i = did_you_mean(wts, known))
}

# ---- From sums to the table ----

tabulate_effects <- function(object, effects, covariance, level) {
  known <- !is.na(.subset2(object, "coefficients"))
  gradient <- effects$sums[, -1, drop = FALSE] / effects$weight
  estimate <- effects$sums[, 1] / effects$weight
  is_open <- is_undetermined(object, gradient)
  if (any(is_open)) {
    warn_glmpp("rank_deficient", "Aliased columns leave some effects undetermined: they are NA.",
               x = sprintf("%s.", comma(paste(effects$labels$variable, effects$labels$contrast)[is_open])))
    estimate[is_open] <- NA
  }
  along <- gradient[, known, drop = FALSE]
  error <- replace(root_of_variances(rowSums((along %*% covariance) * along)), is_open, NA)
  half <- stats::qnorm((1 + level) / 2) * error
  z <- estimate / error
  data.frame(effects$labels, estimate = estimate, std_error = error, statistic = z, p_value = 2 * stats::pnorm(-abs(z)),
             lower = estimate - half, upper = estimate + half)
}

# Those of clusters in several ways may be negative.
root_of_variances <- function(variances) {
  if (any(variances < 0)) {
    warn_glmpp("covariance", "The covariance is not positive definite: some effects have no standard error.")
    variances[variances < 0] <- NaN
  }
  sqrt(variances)
}

# Along null directions of the design the fit does not change; an effect that does has no value.
is_undetermined <- function(object, gradient) {
  null <- null_directions(object)
  if (is.null(null)) return(logical(nrow(gradient)))
  rowSums(abs(gradient %*% null) > 1e-6 * (abs(gradient) %*% abs(null))) > 0
}

#' @export
print.glmpp_average_effects <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  if (is.null(attr(x, "covariance")) || is.null(x$p_value)) return(NextMethod())
  scale <- if (attr(x, "type") == "link") "linear predictor" else "mean response"
  where <- if (attr(x, "at") == "means") "at the means of the variables" else paste("averaged over", plural(attr(x, "rows"), "row"))
  cat(sprintf("Effects on the %s, %s\n\n", scale, where))
  shown <- as.data.frame(x)
  shown$p_value <- format.pval(x$p_value, digits = 3)
  print(shown, digits = digits, row.names = FALSE, ...)
  cat(sprintf("\n%s intervals by the delta method; standard errors: %s\n", percent(attr(x, "level")), attr(x, "covariance")))
  invisible(x)
}

#' @export
as.data.frame.glmpp_average_effects <- function(x, ...) plain_table(x, c("at", "type", "level", "covariance", "rows"))

# The data frame alone.
plain_table <- function(x, dropped) {
  attributes(x)[dropped] <- NULL
  class(x) <- "data.frame"
  x
}
