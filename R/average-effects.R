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
#' categories, `glmpp_error_left_out` and `glmpp_error_newdata` where the rows of the fit are gone, `glmpp_error_argument` else. A
#' warning of class `glmpp_warning_rank_deficient` where aliased columns leave an effect undetermined: it is NA.
#' @references Bartus, T. (2005) Estimation of marginal effects using margeff, *The Stata Journal* 5, 309-329. Greene, W. H. (2012)
#'   *Econometric Analysis*, 7th edition, Pearson, section 17.3.
#' @examples
#' fit <- glmpp(am ~ wt + factor(cyl), binomial, mtcars)
#' average_effects(fit)
#' average_effects(fit, "wt", vcov = "HC1")
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
  table <- tabulate_effects(object, effects, chosen$matrix %||% stats::vcov(object, complete = FALSE), level)
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
  stop_glmpp("argument", "`wts` must be NULL or the name of a column of the rows.", x = sprintf("It is %s.", deparse1(wts)[1]),
             i = did_you_mean(wts, known))
}

# ---- Sums over the parts ----

# rows, weight; labels: variable and contrast; sums: a row for each, the effect and its gradient.
sum_effects <- function(object, parts, variables, settings) {
  total <- NULL
  parts(function(rows) {
    if (!nrow(rows)) return(invisible())
    names <- check_effect_variables(variables, object, rows)
    weights <- effect_weights(rows, settings$wts, object)
    moves <- lapply(names, function(name) move_variable(object, rows, name, weights, settings$state, settings))
    part <- list(rows = nrow(rows), weight = sum(weights), labels = do.call(rbind, lapply(moves, `[[`, "labels")),
                 sums = do.call(rbind, lapply(moves, `[[`, "sums")))
    total <<- if (is.null(total)) part else add_effects(total, part)
  })
  if (is.null(total) || !total$weight > 0) stop_glmpp("no_rows", "There are no rows to average over.", x = "All miss a value, or weigh nothing.")
  total
}

add_effects <- function(a, b) {
  a[c("rows", "weight", "sums")] <- Map(`+`, a[c("rows", "weight", "sums")], b[c("rows", "weight", "sums")])
  a
}

# Moved, such a term would be computed anew.
refuse_terms_of_all_rows <- function(variables, object) {
  terms <- object$schema$of_all_rows
  names <- lapply(terms, function(term) all.vars(if (term == "(offset)") object$call$offset else str2lang(term)))
  bound <- if (is.null(variables)) unlist(names) else intersect(variables, unlist(names))
  if (!length(bound)) return(invisible())
  stop_effect(bound[1], sprintf("`%s` takes its values from all rows at once.", terms[vapply(names, function(own) bound[1] %in% own, NA)][1]),
              "Make that term a column of the data before the fit, or write its numbers.")
}

check_effect_variables <- function(variables, object, rows) {
  known <- effect_variables(object, rows)
  if (!is.null(variables)) {
    bad <- if (is.character(variables)) setdiff(variables, intersect(names(rows), predictor_columns(object))) else deparse1(variables)
    if (length(bad)) {
      stop_glmpp("argument", "`variables` must name variables of the formula.", x = sprintf("%s is none.", comma(bad)),
                 i = did_you_mean(bad[1], known), i = sprintf("They are %s.", comma(known)))
    }
  }
  names <- unique(variables %||% known)
  if (!length(names)) stop_glmpp("argument", "The model has no variable to move.", i = "An intercept alone has no effects.")
  names
}

effect_weights <- function(rows, wts, object) {
  if (is.null(wts)) return(rep.int(1, nrow(rows)))
  if (!wts %in% names(rows)) stop_effect_weights(wts, names(rows))
  check_weights(plain_column(rows[[wts]], wts), nrow(rows), object$solver$threads, is_part = TRUE)
}

# `state` keeps what the first part has settled: scales of numbers, levels.
move_variable <- function(object, rows, name, weights, state, settings) {
  kind <- kind_of_move(name, rows[[name]], object)
  (if (kind == "number") move_number else move_levels)(object, rows, name, weights, state, settings)
}

# The sum of w (mu(x + h) - mu(x - h)) / 2 h for each column, and its gradient.
move_number <- function(object, rows, name, weights, state, settings) {
  column <- plain_column(rows[[name]], name)
  expressions <- lapply(uses_of(name, object), `[[`, "expression")
  is_smooth <- all(vapply(expressions, function(expression) is_smooth_in(name, expression), NA))
  sums <- lapply(seq_len(NCOL(column)), function(j) {
    values <- column_values(column, j)
    step <- function(scale) {
      by <- step_sizes(values, scale, is_smooth)
      width <- (values + by) - (values - by)
      at <- function(by) means_at(object, replace(rows, name, list(shift_column(column, j, by))), weights / width, name, settings$type)
      difference_of(at(by), at(-by), weights / width)
    }
    key <- paste(name, j)
    if (is.null(state[[key]])) state[[key]] <- scale_of_column(values, function(scale) step(scale)[1])
    sum <- step(state[[key]])
    if (any(vapply(expressions, may_need_all_rows, NA))) check_slope(name, sum[1], step(state[[key]] / 8)[1])
    sum
  })
  labels <- if (NCOL(column) == 1) name else numeric_labels(name, column)
  list(labels = data.frame(variable = labels, contrast = "dY/dX"), sums = do.call(rbind, sums))
}

# Of functions that are not known here: across a jump the slope grows as the step shrinks, and between jumps there is none.
check_slope <- function(name, slope, of_smaller_step) {
  if (slope != 0 && abs(of_smaller_step - slope) <= 0.01 * abs(slope)) return(invisible())
  stop_effect(name, if (slope == 0) "A function of it is flat." else "A function of it jumps.",
              "Make that function's value a column of the data before the fit.")
}

move_levels <- function(object, rows, name, weights, state, settings) {
  column <- rows[[name]]
  levels <- state[[name]] %||% levels_to_move(name, column, object, settings$is_whole)
  if (length(levels) < 2) stop_effect(name, sprintf("Its only level is %s.", dQuote(levels, FALSE)), "An effect needs two levels.")
  at <- function(level) means_at(object, replace(rows, name, list(set_level(name, column, level, levels))), weights, name, settings$type)
  reference <- at(levels[1])
  sums <- lapply(levels[-1], function(level) difference_of(at(level), reference, weights))
  list(labels = data.frame(variable = name, contrast = paste(levels[-1], "-", levels[1])), sums = do.call(rbind, sums))
}

difference_of <- function(upper, lower, weights) c(sum(weights * (upper$mean - lower$mean)), upper$gradient - lower$gradient)

# The means of rows, and X'(w dmu/deta).
means_at <- function(object, rows, weights, name, type) {
  # Of splines beyond their last knot, and of logarithms.
  found <- suppressWarnings(read_new_rows(object, rows, stats::na.pass, "error"), "simpleWarning")
  threads <- object$solver$threads
  if (!length(found$unknown)) {
    eta <- linear_predictor_impl(found$design, unname(known_coefficients(object)), threads) + found$offset
    mean <- if (type == "link") eta else object$family$linkinv(eta)
    slope <- if (type == "link") rep.int(1, length(eta)) else object$family$mu.eta(eta)
    if (all(is.finite(mean))) return(list(mean = mean, gradient = as.vector(cross_product_impl(found$design, weights * slope, threads))))
  }
  stop_effect(name, "Where it is moved a little, or to a level, some rows have no mean.", "Leave those rows out by `newdata`: is a logarithm or a root at 0?")
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
  if (is.null(attr(x, "covariance"))) return(NextMethod())
  scale <- if (attr(x, "type") == "link") "linear predictor" else "mean response"
  where <- if (attr(x, "at") == "means") "at the means of the variables" else paste("averaged over", plural(attr(x, "rows"), "row"))
  cat(sprintf("Effects on the %s, %s\n\n", scale, where))
  shown <- as.data.frame(x)
  shown$p_value <- format.pval(x$p_value, digits = max(1L, digits - 3L))
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
