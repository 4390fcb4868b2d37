#' Does a fit tell high from low? Lift by bins
#'
#' Rows are put into bins of equal exposure in the order of their fitted values (per unit of exposure), from low to high. In each bin the
#' observed mean is held against the mean of the fit: a fit that tells high from low climbs steeply, one that is right goes with what was
#' observed.
#'
#' @section Exposure:
#' Means are per unit of exposure. By default that is what stands in `offset(log(exposure))` under the log link, where all offsets are
#' such logarithms; else the prior weights, as for a claim frequency with `weights = exposure`, or the trials of a binomial response; else
#' each row counts once. `exposure = ` says it otherwise: the response is then taken for a total over that exposure, and is divided by it
#' as the fitted values are. Exposures that equal the prior weights are those.
#'
#' @param fit A fit by [glmpp()] or [stats::glm()] of any family; one from afar with `newdata`, one of several categories with `outcome`.
#' @param newdata A data frame with the variables of the formula, the response among them; by default the rows of the fit. Judged on its
#'   own rows a model looks better than it is.
#' @param exposure NULL; the name of a variable of the rows; or a number for each row. See "Exposure".
#' @param bins Number of bins. Rows with equal fitted values share a bin, so there may be fewer.
#' @param outcome For fits of several categories: the names of the classes that count as success; the chart is then of their probability
#'   together. For an ordinal response, those above a threshold.
#' @returns A [glmpp_chart] of class `glmpp_lift_bins`: `data` with one row per bin, the lowest first (`bin`, `rows`, `exposure`, means
#'   per unit of exposure: `fitted`, `observed`; and `lift`: `observed` over the mean of all rows), and `mean`, that of all rows.
#' @section Conditions:
#' An error of class `glmpp_error_argument` for arguments of the wrong type, length or range, `glmpp_error_newdata` if `newdata` lacks
#' the response or the exposure, `glmpp_error_rows` for a fit from afar without `newdata`, and `glmpp_error_categories` for one of several
#' categories without `outcome`.
#' @references Goldburd, M., Khare, A., Tevet, D. and Guller, D. (2020) *Generalized Linear Models for Insurance Rating*, 2nd edition,
#'   Casualty Actuarial Society, chapter 7.
#' @seealso [gain_curve()] and its Gini coefficient, [double_lift_bins()] for two fits, [calibration_bins()] with intervals.
#' @examples
#' claims <- transform(warpbreaks, length = rep(c(1, 2), 27))
#' fit <- glmpp(breaks ~ wool * tension + offset(log(length)), poisson, claims)
#' lift_bins(fit, bins = 5)
#' plot(lift_bins(fit, bins = 5))
#' @export
lift_bins <- function(fit, newdata = NULL, exposure = NULL, bins = 10, outcome = NULL) {
  check_several(bins, "bins")
  rows <- judged_rows(fit, newdata, exposure, outcome)
  data <- bin_means(rows$data, rows$data$score, bins, c("fitted", "observed"))
  mean <- weighted.mean(rows$data$observed, rows$data$weight)
  data$lift <- data$observed / mean
  last <- nrow(data)
  new_chart("lift_bins", data,
            sprintf("Lift: the highest of %s has %.3g times the mean", plural(last, "bin"), data$lift[last]),
            notes = c(sprintf("mean observed %.4g, fitted %.4g per unit of %s", mean, weighted.mean(rows$data$fitted, rows$data$weight),
                              rows$exposure %||% "weight"), rows$notes),
            mean = mean, exposure = rows$exposure)
}

# Means of columns in bins of equal weight in the order of a score.
bin_means <- function(rows, score, bins, columns) {
  group <- equal_bins(score, rows$weight, bins)
  sums <- rowsum(cbind(rows$weight, rows$weight * as.matrix(rows[columns])), group)
  means <- as.data.frame(sums[, -1, drop = FALSE] / sums[, 1])
  data.frame(bin = seq_len(nrow(sums)), rows = tabulate(group), exposure = sums[, 1], named(means, columns), row.names = NULL)
}

lift_labels <- function(chart, order = "fitted value") {
  unit <- chart$exposure %||% "weight"
  list(x = sprintf("bin by %s, low to high (bars: %s per bin)", order, unit), y = sprintf("mean per unit of %s", unit))
}

# The bars of exposure take the lowest fifth of the picture.
bin_room <- function(values) {
  range <- range(values)
  if (diff(range) == 0) range <- range + c(-0.5, 0.5) * max(abs(range[1]), 1)
  list(lines = range, bottom = range[1] - 0.3 * diff(range), top = range[1] - 0.06 * diff(range))
}

# None beside the bars.
mean_ticks <- function(room) Filter(function(tick) tick >= room$top, pretty(room$lines))

bin_bars <- function(data, room) {
  data.frame(left = data$bin - 0.4, right = data$bin + 0.4, bottom = room$bottom,
             top = room$bottom + (room$top - room$bottom) * data$exposure / max(data$exposure))
}

bin_ticks <- function(data) {
  every <- ceiling(nrow(data) / 20)
  data$bin[(data$bin - 1) %% every == 0]
}

# What was observed stands out from what fits say.
bin_looks <- function() {
  list(colour = unname(chart_colours[c("black", "blue", "vermillion")]), symbol = c(16, 2, 0), line = c("solid", "22", "42"))
}

# Lines of several means over bins, above bars of exposure; `series` are the columns, by their names in the legend.
draw_bins <- function(chart, series, labels, ...) {
  data <- chart$data
  looks <- bin_looks()
  room <- bin_room(data[series])
  top <- room$lines[2] + 0.14 * diff(room$lines)
  ticks <- mean_ticks(room)
  draw_frame(list(xlim = c(0.5, nrow(data) + 0.5), ylim = c(room$bottom, top), xlab = labels$x, ylab = labels$y, main = chart$title,
                  xaxt = "n", yaxt = "n"), ..., x_ticks = bin_ticks(data), y_ticks = ticks)
  axis(1, at = bin_ticks(data))
  axis(2, at = ticks, las = 1)
  bars <- bin_bars(data, room)
  rect(bars$left, bars$bottom, bars$right, bars$top, col = "grey80", border = NA)
  if (!is.null(labels$level)) abline(h = labels$level, col = guide_colour, lty = "dotted")
  for (k in seq_along(series)) {
    lines(data$bin, data[[series[k]]], col = looks$colour[k], lty = looks$line[k], lwd = 2)
    points(data$bin, data[[series[k]]], col = looks$colour[k], pch = looks$symbol[k])
  }
  legend("topleft", paste0(names(series), "  "), col = looks$colour, pch = looks$symbol, lty = looks$line, lwd = 2, bty = "n", cex = 0.85,
         horiz = sum(nchar(names(series))) < 40, seg.len = 2.5)
  invisible(chart)
}

ggplot_bins <- function(chart, series, labels) {
  need_ggplot2()
  data <- chart$data
  looks <- bin_looks()
  room <- bin_room(data[series])
  long <- data.frame(bin = rep(data$bin, length(series)), mean = unlist(data[series], use.names = FALSE),
                     of = factor(rep(names(series), each = nrow(data)), names(series)))
  ggplot2::ggplot(long, ggplot2::aes(.data$bin, .data$mean, colour = .data$of, linetype = .data$of, shape = .data$of)) +
    ggplot2::geom_rect(ggplot2::aes(xmin = .data$left, xmax = .data$right, ymin = .data$bottom, ymax = .data$top),
                       data = bin_bars(data, room), inherit.aes = FALSE, fill = "grey80") +
    (if (!is.null(labels$level)) ggplot2::geom_hline(yintercept = labels$level, linetype = "dotted", colour = guide_colour)) +
    (if (nrow(data) > 1) ggplot2::geom_line()) +
    ggplot2::geom_point() +
    ggplot2::scale_colour_manual(values = looks$colour, name = NULL) +
    ggplot2::scale_linetype_manual(values = looks$line, name = NULL) +
    ggplot2::scale_shape_manual(values = looks$symbol, name = NULL) +
    ggplot2::scale_x_continuous(breaks = bin_ticks(data)) +
    ggplot2::scale_y_continuous(breaks = mean_ticks(room)) +
    ggplot2::labs(title = chart$title, x = labels$x, y = labels$y) +
    light_theme() +
    ggplot2::theme(legend.position = "top", legend.justification = "left", legend.key.width = ggplot2::unit(2.5, "lines"))
}

lift_series <- c(observed = "observed", fitted = "fitted")

#' @export
plot.glmpp_lift_bins <- function(x, ...) {
  draw_bins(x, lift_series, c(lift_labels(x), level = x$mean), ...)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_lift_bins <- function(object, ...) {
  ggplot_bins(object, lift_series, c(lift_labels(object), level = object$mean)) + ggplot2::labs(caption = "Dotted: mean of all rows")
}
