#' A table of effects for a paper
#'
#' One row for each coefficient in the order of the formula, and one for the reference level of each factor, with counts of rows and
#' events, the estimate as a ratio where the link makes one of it, interval and p value.
#'
#' The measure is the odds ratio for the link logit; for the log link the risk ratio (a binomial response, or Poisson with a response of
#' 0 and 1), the rate ratio (counts with an offset) or the ratio of means; the hazard ratio for a binomial response with link cloglog; the
#' difference for the identity link. For other links the coefficients are shown as they are. Rows of a zero-truncated family are ratios of
#' the means before truncation.
#'
#' @param object A fit by [glmpp()].
#' @param exponentiate Show `exp(coefficient)`? NULL: where that is a ratio.
#' @param level Level of the intervals.
#' @param method `"wald"` or `"profile"`, as in [confint.glmpp()].
#' @param vcov The covariance of the coefficients, as in [vcov.glmpp()], section "In other verbs"; it goes with `method = "wald"`.
#' @param intercept Show the intercept too?
#' @param ... None: an argument that is not known is an error.
#' @param x A table of effects.
#' @param digits Significant digits.
#' @returns A data frame of class `c("glmpp_effects_table", "data.frame")`, which `as.data.frame()` makes a plain one, for
#'   `knitr::kable()`: `term` (the coefficient's name, NA for a reference level), `variable`, `level` (NA for numbers and for contrasts
#'   other than of a level with the reference; of interactions of factors the levels of the cell), `reference`, `n`, `events`,
#'   `estimate`, `lower`, `upper`, `p_value` (Wald's, as [summary()] has it). A reference level is 1, or 0 if nothing is exponentiated.
#'   For a binomial response `n` counts trials, or weights, of the rows at the level, and `events` the successes among them; else `n`
#'   counts rows of positive weight, and `events`, for counts only, sums the response over them. For numbers these are of all rows.
#'   They are NA for interactions with a number and for other contrasts, and for fits whose rows are not at hand: from afar, or by
#'   `keep = "rows"` or `"summary"`. Attributes `measure`, `confidence`, `method`, `covariance` and `note`, a sentence on what a reader
#'   might take wrongly.
#' @section Conditions:
#' Errors of class `glmpp_error_argument` for arguments that don't go together and for `exponentiate = TRUE` where the link makes no
#' ratio, `glmpp_error_categories` for fits of several categories.
#' @references Lang, T. A. and Altman, D. G. (2015) Basic statistical reporting for articles published in biomedical journals: the
#'   "Statistical Analyses and Methods in the Published Literature" or the SAMPL guidelines, *International Journal of Nursing Studies* 52,
#'   5-9.
#' @examples
#' effects_table(glmpp(case ~ spontaneous + factor(parity), binomial, infert))
#' as.data.frame(effects_table(glmpp(breaks ~ wool * tension, poisson, warpbreaks), vcov = "HC1"))
#' @concept odds ratio
#' @concept rate ratio
#' @concept relative risk
#' @concept incidence rate ratio
#' @concept publication table
#' @export
effects_table <- function(object, exponentiate = NULL, level = 0.95, method = c("wald", "profile"), vcov = NULL, intercept = FALSE, ...) {
  refuse_unknown(substitute(list(...)), "effects_table", effects_table)
  check_effects_fit(object, "effects_table()", "`coefficient_intervals(fit, exponentiate = TRUE)` has their ratios and intervals.")
  check_share(level, "level")
  check_flag(intercept, "intercept")
  method <- check_choice(method, c("wald", "profile"), "method")
  chosen <- chosen_covariance(object, vcov)
  if (!is.null(chosen) && method == "profile") stop_glmpp("argument", "`vcov` goes with `method = \"wald\"`.")
  ratio <- ratio_of_fit(object)
  exponentiate <- check_exponentiate(exponentiate, ratio, object$family)
  rows <- rows_of_table(object, intercept)
  counts <- counts_of_table(object, rows)
  numbers <- numbers_of_table(object, rows, level, method, chosen$matrix)
  scaled <- c("estimate", "lower", "upper")
  if (exponentiate) numbers[scaled] <- exp(numbers[scaled])
  table <- data.frame(rows[c("term", "variable", "level", "reference")], counts, numbers, row.names = NULL)
  structure(table, class = c("glmpp_effects_table", "data.frame"), measure = measure_of_table(ratio, exponentiate, object$family),
            confidence = level, method = method, covariance = chosen$label %||% "of the model",
            note = notes_of_table(object, rows, counts, exponentiate))
}

check_exponentiate <- function(exponentiate, ratio, family) {
  if (is.null(exponentiate)) return(!is.null(ratio))
  check_flag(exponentiate, "exponentiate")
  if (exponentiate && is.null(ratio)) ratio_name(family)
  as.logical(exponentiate)
}

# What exp(coefficient) is, more closely than ratio_of_link(): counts of a response of 0 and 1 are risks, with an offset rates.
ratio_of_fit <- function(object) {
  family <- object$family
  ratio <- ratio_of_link(family)
  if (!identical(ratio, "ratio of means") || !responds_with_counts(family)) return(ratio)
  if (startsWith(family$family, "Zero-truncated")) return("ratio of means before truncation")
  remote <- .subset2(object, "remote")
  if (if (is.null(remote)) !is.null(.subset2(object, "offset")) else remote$outline$response$has_offset) return("rate ratio")
  if (is_zero_one(object) && identical(sub("^quasi", "", family$family), "poisson")) "risk ratio" else ratio
}

is_zero_one <- function(object) {
  if (inherits(object, "glmpp_remote")) return(identical(as.double(object$remote$outline$response$y_range), c(0, 1)))
  y <- if (is_left_out(object, "model")) .subset2(object, "y") else observed_response(object)
  !is.null(y) && all(y == 0 | y == 1)
}

measure_of_table <- function(ratio, exponentiate, family) {
  if (exponentiate) return(ratio)
  if (!is.null(ratio)) return(paste("log", ratio))
  if (family$link == "identity") "difference" else sprintf("coefficient (link %s)", family$link)
}

# Estimates, limits and p values of the rows' coefficients; a reference level is 0.
numbers_of_table <- function(object, rows, level, method, covariance) {
  places <- rows$place
  shown <- places[!is.na(places)]
  limits <- matrix(numeric(), 0, 2)
  if (length(shown)) limits <- matrix(confint(object, shown, level = level, method = method, vcov = covariance), ncol = 2)
  tests <- summary(object, vcov = covariance)$coefficients
  term <- names(object$coefficients)[places]
  found <- match(places, shown)
  data.frame(estimate = ifelse(rows$reference, 0, unname(object$coefficients)[places]), lower = limits[found, 1], upper = limits[found, 2],
             p_value = unname(tests[match(term, rownames(tests)), 4]))
}

notes_of_table <- function(object, rows, counts, exponentiate) {
  has_counts <- !inherits(object, "glmpp_remote") && !is_left_out(object, "model")
  means <- unique(rows$variable[rows$is_mean])
  c(if (length(means) && exponentiate) sprintf("exp() of %s is no ratio: it is odds, a rate or a mean by itself.", comma(means)),
    if (!has_counts && nrow(rows)) "Rows and events are not counted: the fit has no rows at hand.")
}

# ---- Printing ----

columns_to_print <- c("variable", "level", "reference", "n", "events", "estimate", "lower", "upper", "p_value")

#' @rdname effects_table
#' @export
print.glmpp_effects_table <- function(x, digits = 3, ...) {
  if (is.null(attr(x, "measure")) || !all(columns_to_print %in% names(x))) return(NextMethod())
  check_digits(digits)
  if (!nrow(x)) {
    cat("No coefficient to show; `intercept = TRUE` shows the intercept.\n")
    return(invisible(x))
  }
  is_new <- c(TRUE, x$variable[-1] != x$variable[-nrow(x)])
  shown <- data.frame(variable = ifelse(is_new, x$variable, ""), level = label_of_rows(x), n = count_text(x$n),
                      events = count_text(x$events), estimate = estimate_text(x, digits), p = p_text(x$p_value))
  interval <- sprintf("%s (%s interval)", attr(x, "measure"), percent(attr(x, "confidence")))
  names(shown) <- c("", " ", "n", "events", interval, "p")
  if (all(is.na(x$events))) shown$events <- NULL
  if (all(is.na(x$n))) shown$n <- NULL
  print(format_left(shown, c("", " ")), row.names = FALSE, right = TRUE)
  cat(sprintf("\n%s intervals; standard errors: %s\n", c(wald = "Wald", profile = "Profile likelihood")[[attr(x, "method")]], attr(x, "covariance")))
  if (length(attr(x, "note"))) cat(attr(x, "note"), sep = "\n")
  invisible(x)
}

# The level, or what the coefficient's name adds to that of its variable.
label_of_rows <- function(x) {
  added <- ifelse(startsWith(x$term, x$variable), substring(x$term, nchar(x$variable) + 1), ifelse(x$term == x$variable, "", x$term))
  ifelse(is.na(x$level), ifelse(is.na(added), "", added), x$level)
}

count_text <- function(counts) ifelse(is.na(counts), "", format(counts, big.mark = ",", trim = TRUE, scientific = FALSE))

estimate_text <- function(x, digits) {
  number <- function(values) sub("\\.$", "", formatC(values, digits = digits, format = "fg", flag = "#"))
  ifelse(x$reference, sprintf("%g (reference)", x$estimate),
         ifelse(is.na(x$estimate), "aliased", sprintf("%s (%s, %s)", number(x$estimate), number(x$lower), number(x$upper))))
}

p_text <- function(p) ifelse(is.na(p), "", ifelse(p < 0.001, "< 0.001", formatC(p, digits = 3, format = "f")))

format_left <- function(shown, names) {
  for (k in match(names, names(shown))) shown[[k]] <- format(shown[[k]], justify = "left")
  shown
}

check_digits <- function(digits) {
  if (is.numeric(digits) && length(digits) == 1 && isTRUE(digits >= 1 && digits <= 15)) return(invisible())
  stop_glmpp("argument", "`digits` must be one number from 1 to 15.", x = sprintf("It is %s.", value_text(digits)))
}

#' @export
as.data.frame.glmpp_effects_table <- function(x, ...) plain_table(x, c("measure", "confidence", "method", "covariance", "note"))
