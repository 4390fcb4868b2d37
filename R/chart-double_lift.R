#' Which of two fits is nearer to what was observed? Double lift by bins
#'
#' Rows are put into bins of equal exposure in the order of the ratio of the second fit's values to the first's. At both ends the fits
#' disagree most: the better one goes with the observed means there.
#'
#' @inheritParams lift_bins
#' @inheritSection lift_bins Exposure
#' @param fit_a,fit_b Fits of one response, by [glmpp()] or [stats::glm()], whose fitted values are positive. Without `newdata` they must
#'   be of the same rows. The exposure is that of `fit_a`.
#' @param labels Two names for the fits; by default those of the variables that hold them.
#' @returns A [glmpp_chart] of class `glmpp_double_lift_bins`: `data` with one row per bin (`bin`, `rows`, `exposure`, the mean `ratio` of
#'   the second fit to the first, and means per unit of exposure: `observed`, `fitted_a`, `fitted_b`), `labels`, and `error`: of each fit
#'   the mean absolute distance of its means from the observed ones over the bins, weighted by exposure.
#' @section Conditions:
#' An error of class `glmpp_error_argument` for arguments of the wrong type, length or range or fits of different rows,
#' `glmpp_error_response` for fitted values that are not positive, `glmpp_error_newdata` if `newdata` lacks the response or the exposure,
#' and `glmpp_error_rows` for a fit from afar without `newdata`.
#' @references Goldburd, M., Khare, A., Tevet, D. and Guller, D. (2020) *Generalized Linear Models for Insurance Rating*, 2nd edition,
#'   Casualty Actuarial Society, section 7.2.2.
#' @examples
#' rich <- glmpp(breaks ~ wool * tension, poisson, warpbreaks)
#' poor <- glmpp(breaks ~ wool, poisson, warpbreaks)
#' plot(double_lift_bins(poor, rich, bins = 4))
#' @export
double_lift_bins <- function(fit_a, fit_b, newdata = NULL, exposure = NULL, bins = 10, labels = NULL,
                             outcome = NULL) {
  if (is.null(labels)) labels <- argument_labels(substitute(fit_a), substitute(fit_b))
  check_two_labels(labels)
  check_several(bins, "bins")
  rows <- paired_rows(fit_a, fit_b, newdata, exposure, outcome)
  data <- bin_means(rows$data, rows$data$ratio, bins, c("ratio", "observed", "fitted_a", "fitted_b"))
  distance <- function(fitted) weighted.mean(abs(data[[fitted]] - data$observed), data$exposure)
  error <- named(c(distance("fitted_a"), distance("fitted_b")), labels)
  new_chart("double_lift_bins", data,
            if (error[1] == error[2]) "Double lift: both are equally near to the observed means"
            else sprintf("Double lift: %s is nearer to the observed means", labels[which.min(error)]),
            notes = c(sprintf("mean distance from the observed means over the bins: %s %.4g, %s %.4g", labels[1], error[1], labels[2], error[2]),
                      rows$notes),
            labels = labels, error = error, exposure = rows$exposure)
}

argument_labels <- function(a, b) {
  text <- c(if (is.symbol(a)) as.character(a) else "first", if (is.symbol(b)) as.character(b) else "second")
  make.unique(text, " ")
}

check_two_labels <- function(labels) {
  if (is.character(labels) && length(labels) == 2 && labels[1] != labels[2]) return(invisible())
  stop_glmpp("argument", "`labels` must be two different names.", x = sprintf("It is %s.", value_text(labels)))
}

# What both fits say of the same rows.
paired_rows <- function(fit_a, fit_b, newdata, exposure, outcome) {
  a <- judged_rows(fit_a, newdata, exposure, outcome, "`fit_a`")
  b <- judged_rows(fit_b, newdata, exposure, outcome, "`fit_b`")
  both <- intersect(a$kept, b$kept)
  data <- a$data[match(both, a$kept), ]
  other <- b$data[match(both, b$kept), ]
  total <- function(rows) rows$weight * rows$observed
  if (is.null(newdata) && (length(a$kept) != length(b$kept) || !isTRUE(all.equal(total(data), total(other))))) {
    stop_glmpp("argument", "The fits must be of the same rows and response.",
               x = sprintf("They have %s and %s rows, or other responses.", format(length(a$kept), big.mark = ","),
                           format(length(b$kept), big.mark = ",")),
               i = "Give `newdata`, for which both predict.")
  }
  # Per unit of the first one's exposure, whatever the second calls so.
  fitted_b <- other$fitted * other$weight / data$weight
  if (any(data$fitted <= 0 | fitted_b <= 0)) {
    stop_glmpp("response", "The fitted values of both fits must be positive: rows are ordered by their ratio.")
  }
  list(data = data.frame(weight = data$weight, observed = data$observed, fitted_a = data$fitted, fitted_b = fitted_b,
                         ratio = merge_close(fitted_b / data$fitted)),
       exposure = a$exposure, notes = unique(c(a$notes, b$notes)))
}

double_lift_series <- function(chart) named(c("observed", "fitted_a", "fitted_b"), c("observed", chart$labels))

double_lift_labels <- function(chart) lift_labels(chart, sprintf("%s / %s", chart$labels[2], chart$labels[1]))

#' @export
plot.glmpp_double_lift_bins <- function(x, ...) draw_bins(x, double_lift_series(x), double_lift_labels(x), ...)

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_double_lift_bins <- function(object, ...) ggplot_bins(object, double_lift_series(object), double_lift_labels(object))
