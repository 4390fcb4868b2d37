#' Do fitted probabilities come true?
#'
#' Rows are put into bins of equal weight by their fitted probability; in each, the observed share of successes is
#' held against the mean fitted probability. A histogram of the fitted probabilities stands below.
#'
#' @inheritParams roc_points
#' @param bins Number of bins. Rows with equal probability share a bin, so there may be fewer.
#' @param level Level of the intervals of the observed shares (Wilson's).
#' @returns A [glmpp_chart] of class `glmpp_calibration_bins`: `data` with one row per bin (`rows`, their total
#'   `weight`, mean `fitted` probability, `observed` share, `lower` and `upper`), `histogram` (`left`, `right`,
#'   `weight`) and `brier`, the mean squared difference of outcome and probability.
#' @section Conditions:
#' An error of class `glmpp_error_family` if the response is not binomial, `glmpp_error_newdata` if `newdata` lacks the
#' response, and `glmpp_error_argument` for other arguments out of range.
#' @references Wilson, E. B. (1927) Probable inference, the law of succession, and statistical inference, *Journal of
#'   the American Statistical Association* 22, 209-212. Brier, G. W. (1950) Verification of forecasts expressed in terms
#'   of probability, *Monthly Weather Review* 78, 1-3.
#' @examples
#' plot(calibration_bins(glmpp(am ~ hp, binomial, mtcars), bins = 4))
#' @concept calibration
#' @concept Hosmer-Lemeshow
#' @export
calibration_bins <- function(fit, newdata = NULL, bins = 10, level = 0.95) {
  check_several(bins, "bins")
  check_share(level, "level")
  rows <- observed_outcomes(fit, newdata)
  group <- equal_bins(rows$probability, rows$weight, bins)
  sum_of <- function(values) as.vector(rowsum(values, group))
  weight <- sum_of(rows$weight)
  observed <- sum_of(rows$weight * rows$outcome) / weight
  data <- data.frame(rows = tabulate(group), weight = weight, fitted = sum_of(rows$weight * rows$probability) / weight,
                     observed = observed, wilson_interval(observed, weight, level))
  outside <- sum(data$fitted < data$lower | data$fitted > data$upper)
  brier <- weighted.mean(rows$outcome * (1 - rows$probability)^2 + (1 - rows$outcome) * rows$probability^2,
                         rows$weight)
  new_chart("calibration_bins", data,
            sprintf("Calibration: %d of %s %s off the diagonal", outside, plural(nrow(data), "bin"),
                    if (outside == 1) "lies" else "lie"),
            notes = c(sprintf("Intervals at %s; Brier score %.4g", percent(level), brier), rows$notes),
            histogram = probability_histogram(rows), brier = brier, level = level)
}

wilson_interval <- function(share, count, level) {
  z <- qnorm((1 + level) / 2)
  middle <- (share + z^2 / (2 * count)) / (1 + z^2 / count)
  half <- z / (1 + z^2 / count) * sqrt(share * (1 - share) / count + z^2 / (4 * count^2))
  data.frame(lower = pmax(middle - half, 0), upper = pmin(middle + half, 1))
}

probability_histogram <- function(rows, bars = 20) {
  bar <- factor(pmin(floor(rows$probability * bars) + 1, bars), seq_len(bars))
  left <- (seq_len(bars) - 1) / bars
  data.frame(left = left, right = left + 1 / bars, weight = as.vector(tapply(rows$weight, bar, sum, default = 0)))
}

# The histogram's strip, below the square of the curve.
strip <- list(bottom = -0.22, top = -0.05)

calibration_labels <- function(chart) {
  list(x = "fitted probability", y = sprintf("observed share of successes, %s interval", percent(chart$level)),
       strip = sprintf("rows per bar (highest: %s)", format(max(chart$histogram$weight), big.mark = ",")))
}

strip_heights <- function(histogram) {
  strip$bottom + (strip$top - strip$bottom) * histogram$weight / max(histogram$weight)
}

#' @export
plot.glmpp_calibration_bins <- function(x, ...) {
  labels <- calibration_labels(x)
  draw_frame(list(xlim = c(0, 1), ylim = c(strip$bottom, 1), xlab = labels$x, ylab = labels$y, main = x$title,
                  yaxt = "n"), ..., y_ticks = seq(0, 1, 0.2))
  axis(2, at = seq(0, 1, 0.2), las = 1)
  segments(0, 0, 1, 1, col = guide_colour, lty = "dashed")
  text(0.08, 0.02, "calibrated", col = guide_colour, pos = 4, cex = 0.85)
  bars <- x$histogram
  rect(bars$left, strip$bottom, bars$right, strip_heights(bars), col = "grey75", border = "white")
  text(0.5, strip$top + 0.01, labels$strip, cex = 0.75, col = "grey30")
  data <- x$data
  segments(data$fitted, data$lower, data$fitted, data$upper, col = chart_colours[["sky"]], lwd = 2)
  lines(data$fitted, data$observed, col = chart_colours[["blue"]])
  points(data$fitted, data$observed, pch = 16, col = chart_colours[["blue"]])
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_calibration_bins <- function(object, ...) {
  need_ggplot2()
  labels <- calibration_labels(object)
  bars <- cbind(object$histogram, height = strip_heights(object$histogram))
  ggplot2::ggplot(object$data, ggplot2::aes(.data$fitted, .data$observed)) +
    ggplot2::geom_rect(ggplot2::aes(xmin = .data$left, xmax = .data$right, ymin = strip$bottom, ymax = .data$height),
                       data = bars, inherit.aes = FALSE, fill = "grey75", colour = "white") +
    ggplot2::annotate("text", x = 0.5, y = strip$top + 0.02, label = labels$strip, size = 3, colour = "grey30") +
    ggplot2::annotate("segment", x = 0, y = 0, xend = 1, yend = 1, linetype = "dashed", colour = guide_colour) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data$lower, ymax = .data$upper), colour = chart_colours[["sky"]]) +
    (if (nrow(object$data) > 1) ggplot2::geom_line(colour = chart_colours[["blue"]])) +
    ggplot2::geom_point(colour = chart_colours[["blue"]]) +
    ggplot2::scale_y_continuous(breaks = seq(0, 1, 0.2)) +
    ggplot2::coord_cartesian(xlim = c(0, 1)) +
    ggplot2::labs(title = object$title, x = labels$x, y = labels$y,
                  caption = "Dashed: fitted probabilities that come true") +
    light_theme()
}
