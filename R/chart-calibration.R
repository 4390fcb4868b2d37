#' Do fitted probabilities come true?
#'
#' Rows are put into bins of equal weight by their fitted probability; in each, the observed share of successes is
#' held against the mean fitted probability. A histogram of the fitted probabilities stands below.
#'
#' @inheritParams lift_bins
#' @param fit A fit by [glmpp()] or [stats::glm()] of the binomial or quasibinomial family, or of several categories with `outcome`; one
#'   from afar with `newdata`.
#' @param bins Number of bins. Rows with equal probability share a bin, so there may be fewer.
#' @param level Level of the intervals of the observed shares (Wilson's).
#' @param by `"rows"`: bins of equal weight; `"events"`: bins with equal numbers of successes, so that each share of a rare event is known
#'   about equally well.
#' @param scale Of both axes: `"identity"`, `"log"`, for rare events, or `"logit"`, which has room for both ends. By default that of the
#'   fitted probabilities: `"log"` where the middle 98 % of them are below 0.3 and differ more than tenfold, `"logit"` where that holds of
#'   what they lack to 1. The axes end where the data do; beyond, on a log or logit axis, a share of 0 or 1 is an open point at the edge.
#' @returns A [glmpp_chart] of class `glmpp_calibration_bins`: `data` with one row per bin (`rows`, their total
#'   `weight`, mean `fitted` probability, `observed` share, `lower` and `upper`), `histogram` (`left`, `right`,
#'   `weight`: bars of equal width on the axis, the outer ones with what is beyond it), `scale`, `limits` of the axes, and `brier`, the mean
#'   squared difference of outcome and probability.
#' @section Conditions:
#' An error of class `glmpp_error_family` if the response is not binomial, `glmpp_error_categories` for a fit of several categories without
#' `outcome`, `glmpp_error_newdata` if `newdata` lacks the response, `glmpp_error_rows` for a fit from afar without `newdata`,
#' `glmpp_error_response` for bins by events without any, and `glmpp_error_argument` for other arguments out of range.
#' @references Wilson, E. B. (1927) Probable inference, the law of succession, and statistical inference, *Journal of
#'   the American Statistical Association* 22, 209-212. Brier, G. W. (1950) Verification of forecasts expressed in terms
#'   of probability, *Monthly Weather Review* 78, 1-3.
#' @examples
#' plot(calibration_bins(glmpp(am ~ hp, binomial, mtcars), bins = 4))
#' @concept calibration
#' @concept Hosmer-Lemeshow
#' @export
calibration_bins <- function(fit, newdata = NULL, bins = 10, level = 0.95, by = c("rows", "events"), scale = NULL, outcome = NULL) {
  check_several(bins, "bins")
  check_share(level, "level")
  by <- check_choice(by, c("rows", "events"), "by")
  if (!is.null(scale)) scale <- check_choice(scale, c("identity", "log", "logit"), "scale")
  rows <- observed_outcomes(fit, newdata, outcome)
  group <- calibration_groups(rows, bins, by)
  sum_of <- function(values) as.vector(rowsum(values, group))
  weight <- sum_of(rows$weight)
  observed <- sum_of(rows$weight * rows$outcome) / weight
  data <- data.frame(rows = tabulate(group), weight = weight, fitted = sum_of(rows$weight * rows$probability) / weight,
                     observed = observed, wilson_interval(observed, weight, level))
  outside <- sum(data$fitted < data$lower | data$fitted > data$upper)
  brier <- weighted.mean(rows$outcome * (1 - rows$probability)^2 + (1 - rows$outcome) * rows$probability^2,
                         rows$weight)
  scale <- scale %||% probability_scale(rows)
  limits <- calibration_limits(rows, data, scale)
  new_chart("calibration_bins", data,
            sprintf("Calibration: %d of %s %s off the diagonal", outside, plural(nrow(data), "bin"),
                    if (outside == 1) "lies" else "lie"),
            notes = c(sprintf("Intervals at %s; Brier score %.4g", percent(level), brier), rows$notes),
            histogram = probability_histogram(rows, scale, limits), brier = brier, level = level, scale = scale, limits = limits)
}

calibration_groups <- function(rows, bins, by) {
  if (by == "rows") return(equal_bins(rows$probability, rows$weight, bins))
  events <- rows$weight * rows$outcome
  if (sum(events) > 0) return(equal_bins(rows$probability, events, bins))
  stop_glmpp("response", "Bins by events need events.", x = "There are no successes.")
}

wilson_interval <- function(share, count, level) {
  z <- qnorm((1 + level) / 2)
  middle <- (share + z^2 / (2 * count)) / (1 + z^2 / count)
  half <- z / (1 + z^2 / count) * sqrt(share * (1 - share) / count + z^2 / (4 * count^2))
  data.frame(lower = pmax(middle - half, 0), upper = pmin(middle + half, 1))
}


# Where the axes end: about the bins with their intervals and nearly all fitted probabilities. A share of 0 has no place on a log axis.
calibration_limits <- function(rows, data, scale) {
  bounds <- weighted_bounds(rows$probability, rows$weight)
  if (scale == "identity") {
    range <- range(bounds, data[c("fitted", "observed", "lower", "upper")])
    return(c(if (range[1] > 0.5) max(pretty(range)[1], 0) else 0, if (range[2] < 0.5) max(pretty(c(0, range[2]))) else 1))
  }
  shares <- c(bounds, data$fitted, data$observed, data$lower, data$upper)
  shares <- shares[shares > 0 & shares < 1]
  if (!length(shares)) return(c(0.001, 0.999))
  # An interval may go on to nothing at all.
  low <- max(min(shares), min(c(bounds[bounds > 0], data$fitted[data$fitted > 0], 1)) / 5)
  high <- if (scale == "log") max(shares) else min(max(shares), 1 - (1 - max(c(bounds[bounds < 1], data$fitted[data$fitted < 1], 0))) / 5)
  c(low, high)
}

probability_histogram <- function(rows, scale, limits, bars = 20) {
  axis <- axis_scale(scale)
  ends <- axis$to(limits)
  # The place among the bars first, so that a whole number of bars stays one.
  place <- floor((axis$to(rows$probability) - ends[1]) / diff(ends) * bars) + 1
  bar <- factor(pmin(pmax(place, 1), bars), seq_len(bars))
  edges <- axis$from(ends[1] + diff(ends) * (0:bars) / bars)
  data.frame(left = edges[-(bars + 1)], right = edges[-1], weight = as.vector(tapply(rows$weight, bar, sum, default = 0)))
}

# The histogram's strip, below the square of the curve; in shares of its height.
strip <- list(bottom = -0.22, top = -0.05)

# All that is drawn, on the axes' scale: bins, bars, ends and ticks.
calibration_drawing <- function(chart) {
  axis <- axis_scale(chart$scale)
  ends <- axis$to(chart$limits)
  into <- function(share) pmin(pmax(axis$to(share), ends[1]), ends[2])
  data <- chart$data
  at_height <- function(share) ends[1] + diff(ends) * share
  bars <- chart$histogram
  ticks <- Filter(function(tick) tick >= chart$limits[1] - 1e-9 && tick <= chart$limits[2] + 1e-9, axis$ticks(chart$limits))
  list(bins = data.frame(fitted = into(data$fitted), observed = into(data$observed), lower = into(data$lower), upper = into(data$upper),
                         open = axis$to(data$observed) < ends[1] - 1e-9 | axis$to(data$observed) > ends[2] + 1e-9),
       bars = data.frame(left = axis$to(bars$left), right = axis$to(bars$right), bottom = at_height(strip$bottom),
                         top = at_height(strip$bottom + (strip$top - strip$bottom) * bars$weight / max(bars$weight))),
       ends = ends, bottom = at_height(strip$bottom), text = at_height(strip$top), at = axis$to(ticks), labels = probability_labels(ticks),
       x = paste0("fitted probability", axis$suffix), y = sprintf("observed share of successes, %s interval", percent(chart$level)),
       strip = sprintf("rows per bar (highest: %s)", format(max(bars$weight), big.mark = ",")))
}

#' @export
plot.glmpp_calibration_bins <- function(x, ...) {
  drawing <- calibration_drawing(x)
  ends <- drawing$ends
  draw_frame(list(xlim = ends, ylim = c(drawing$bottom, ends[2]), xlab = drawing$x, ylab = drawing$y, main = x$title, xaxt = "n", yaxt = "n"),
             ..., x_ticks = drawing$at, y_ticks = drawing$at)
  axis(1, at = drawing$at, labels = drawing$labels)
  axis(2, at = drawing$at, labels = drawing$labels, las = 1, cex.axis = if (max(nchar(drawing$labels)) > 4) 0.7 else 1)
  segments(ends[1], ends[1], ends[2], ends[2], col = guide_colour, lty = "dashed")
  text(ends[1] + 0.08 * diff(ends), ends[1] + 0.02 * diff(ends), "calibrated", col = guide_colour, pos = 4, cex = 0.85)
  bars <- drawing$bars
  rect(bars$left, bars$bottom, bars$right, bars$top, col = "grey75", border = "white")
  text(mean(ends), drawing$text + 0.028 * diff(ends), drawing$strip, cex = 0.75, col = "grey30")
  bins <- drawing$bins
  segments(bins$fitted, bins$lower, bins$fitted, bins$upper, col = chart_colours[["sky"]], lwd = 2)
  lines(bins$fitted, bins$observed, col = chart_colours[["blue"]])
  points(bins$fitted, bins$observed, pch = 21, col = chart_colours[["blue"]], bg = ifelse(bins$open, "white", chart_colours[["blue"]]))
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_calibration_bins <- function(object, ...) {
  need_ggplot2()
  drawing <- calibration_drawing(object)
  ends <- drawing$ends
  bins <- drawing$bins
  ggplot2::ggplot(bins, ggplot2::aes(.data$fitted, .data$observed)) +
    ggplot2::geom_rect(ggplot2::aes(xmin = .data$left, xmax = .data$right, ymin = .data$bottom, ymax = .data$top),
                       data = drawing$bars, inherit.aes = FALSE, fill = "grey75", colour = "white") +
    ggplot2::annotate("text", x = mean(ends), y = drawing$text + 0.028 * diff(ends), label = drawing$strip, size = 3, colour = "grey30") +
    ggplot2::annotate("segment", x = ends[1], y = ends[1], xend = ends[2], yend = ends[2], linetype = "dashed", colour = guide_colour) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data$lower, ymax = .data$upper), colour = chart_colours[["sky"]]) +
    (if (nrow(bins) > 1) ggplot2::geom_line(colour = chart_colours[["blue"]])) +
    ggplot2::geom_point(colour = chart_colours[["blue"]], shape = 21, fill = ifelse(bins$open, "white", chart_colours[["blue"]])) +
    ggplot2::scale_x_continuous(breaks = drawing$at, labels = drawing$labels) +
    ggplot2::scale_y_continuous(breaks = drawing$at, labels = drawing$labels) +
    ggplot2::coord_cartesian(xlim = ends) +
    ggplot2::labs(title = object$title, x = drawing$x, y = drawing$y, caption = "Dashed: fitted probabilities that come true") +
    light_theme()
}
