#' What a threshold on the fitted probability brings and costs
#'
#' Rows whose fitted probability is at or above a threshold are flagged as successes; the table says for each threshold how right that is,
#' and with the costs of both errors what it costs.
#'
#' @inheritParams lift_bins
#' @param fit A fit by [glmpp()] or [stats::glm()] of the binomial or quasibinomial family, or of several categories with `outcome`; one
#'   from afar with `newdata`.
#' @param thresholds Numbers from 0 to 1; by default about those at or above which a tenth, two tenths and so on of the rows are.
#' @param cost NULL, or the costs of an error of each kind, in any unit: `c(false_positive = 1, false_negative = 20)`.
#' @returns A [glmpp_chart] of class `glmpp_threshold_table`: `data` with one row per threshold, the lowest first (`threshold`; `flagged`,
#'   the share of rows at or above it; `sensitivity`, the share of successes that are flagged; `specificity`, the share of failures that
#'   are not; `ppv`, the share of successes among the flagged; `npv`, the share of failures among the others; `accuracy`, the share
#'   of rows that are right; with `cost`, `cost`, the mean of a row); shares of nothing are NA. `counts` holds the numbers of
#'   `true_positives`, `false_positives`, `false_negatives` and `true_negatives`, `curve` the rows of `data` for all fitted probabilities
#'   there are. With `cost`, `best` is the threshold of the least cost, which is among the rows too (`Inf`: flag none). Prior weights and
#'   binomial totals count as so many rows. `plot(, what = "rates")` (the default) draws the shares over the threshold, `what = "cost"`
#'   the cost.
#' @section Conditions:
#' As [roc_points()]; and an error of class `glmpp_error_argument` for thresholds or costs that are none.
#' @references Elkan, C. (2001) The foundations of cost-sensitive learning, *Proceedings of the 17th International Joint Conference on
#'   Artificial Intelligence*, 973-978.
#' @seealso [roc_points()], whose plot marks thresholds.
#' @examples
#' fit <- glmpp(am ~ hp, binomial, mtcars)
#' threshold_table(fit, thresholds = c(0.3, 0.5))
#' plot(threshold_table(fit, cost = c(false_positive = 1, false_negative = 3)), what = "cost")
#' @export
threshold_table <- function(fit, newdata = NULL, thresholds = NULL, cost = NULL, outcome = NULL) {
  check_cost(cost)
  rows <- observed_outcomes(fit, newdata, outcome)
  counts <- threshold_counts(rows)
  every <- confusion_at(counts, c(counts$probability, Inf))
  curve <- threshold_rates(every, cost)
  best <- if (!is.null(cost)) curve$threshold[which.min(curve$cost)]
  if (is.null(thresholds)) thresholds <- tenth_thresholds(curve) else check_thresholds(thresholds)
  confusion <- confusion_at(counts, sort(unique(c(thresholds, best))))
  data <- threshold_rates(confusion, cost)
  share <- sum(counts$successes) / sum(counts$successes, counts$failures)
  new_chart("threshold_table", data, "Flagged where the fitted probability is at or above the threshold",
            notes = c(sprintf("%s successes, %s failures: accuracy %.3g if none is flagged", format(sum(counts$successes)),
                              format(sum(counts$failures)), 1 - share),
                      if (!is.null(cost)) sprintf("least cost %.4g per row at threshold %s; %.4g if none is flagged, %.4g if all are", min(curve$cost),
                                                  if (is.finite(best)) format(best, digits = 4) else "Inf (flag none)",
                                                  share * cost[["false_negative"]], (1 - share) * cost[["false_positive"]]),
                      rows$notes),
            counts = confusion, curve = curve[is.finite(curve$threshold), ], best = best, scale = probability_scale(rows))
}

check_cost <- function(cost) {
  if (is.null(cost)) return(invisible())
  kinds <- c("false_positive", "false_negative")
  if (is.numeric(cost) && length(cost) == 2 && setequal(names(cost), kinds) && all(is.finite(cost) & cost >= 0) && any(cost > 0)) {
    return(invisible())
  }
  stop_glmpp("argument", "`cost` must be two numbers that are not negative, `c(false_positive = , false_negative = )`.",
             x = sprintf("It is %s.", value_text(cost)))
}

check_thresholds <- function(thresholds) {
  if (is.numeric(thresholds) && length(thresholds) && !anyNA(thresholds) && all(thresholds >= 0 & thresholds <= 1)) return(invisible())
  stop_glmpp("argument", "`thresholds` must be numbers from 0 to 1.", x = sprintf("It is %s.", value_text(thresholds)))
}

# The four counts at each threshold.
confusion_at <- function(counts, thresholds) {
  above <- vapply(thresholds, function(threshold) sum(counts$probability >= threshold), 0)
  successes <- c(0, cumsum(counts$successes))[above + 1]
  failures <- c(0, cumsum(counts$failures))[above + 1]
  data.frame(threshold = thresholds, true_positives = successes, false_positives = failures,
             false_negatives = sum(counts$successes) - successes, true_negatives = sum(counts$failures) - failures)
}

threshold_rates <- function(confusion, cost) {
  total <- rowSums(confusion[-1])
  share <- function(of, all) ifelse(all > 0, of / all, NA)
  rates <- with(confusion, data.frame(
    threshold = threshold, flagged = (true_positives + false_positives) / total,
    sensitivity = share(true_positives, true_positives + false_negatives),
    specificity = share(true_negatives, true_negatives + false_positives),
    ppv = share(true_positives, true_positives + false_positives), npv = share(true_negatives, true_negatives + false_negatives),
    accuracy = (true_positives + true_negatives) / total
  ))
  if (!is.null(cost)) {
    rates$cost <- (cost[["false_positive"]] * confusion$false_positives + cost[["false_negative"]] * confusion$false_negatives) / total
  }
  rates
}

# Round numbers at or above which about each tenth of the rows is.
tenth_thresholds <- function(curve) {
  finite <- curve[is.finite(curve$threshold), ]
  at <- vapply(seq(0.9, 0.1, by = -0.1), function(share) max(finite$threshold[finite$flagged >= share - 1e-9]), 0)
  unique(signif(at, 2))
}

threshold_series <- c(sensitivity = "sensitivity", specificity = "specificity", "positive predictive value" = "ppv", "share flagged" = "flagged")

# The lines over the threshold, with the table's thresholds marked.
threshold_lines <- function(chart, what) {
  columns <- if (what == "rates") threshold_series else c(cost = "cost")
  scale <- axis_scale(chart$scale)
  long <- function(data) {
    data <- data[is.finite(data$threshold), ]
    lines <- data.frame(x = rep(scale$to(data$threshold), length(columns)), y = unlist(data[columns], use.names = FALSE),
                        of = factor(rep(names(columns), each = nrow(data)), names(columns)))
    lines[is.finite(lines$x) & is.finite(lines$y), ]
  }
  curve <- chart$curve[order(chart$curve$threshold), ]
  curve <- long(curve[drawn_rows(nrow(curve)), ])
  ticks <- scale$ticks(scale$from(range(curve$x)))
  list(curve = curve, marks = long(chart$data), names = names(columns), at = scale$to(ticks), labels = probability_labels(ticks),
       best = if (what == "cost" && is.finite(chart$best)) scale$to(chart$best), x = paste0("threshold on the fitted probability", scale$suffix),
       y = if (what == "rates") "share" else "mean cost of a row")
}

check_what <- function(chart, what) {
  what <- check_choice(what, c("rates", "cost"), "what")
  if (what == "cost" && is.null(chart$best)) {
    stop_glmpp("argument", "The table was made without costs.", i = "threshold_table(fit, cost = c(false_positive = , false_negative = ))")
  }
  what
}

#' @rdname threshold_table
#' @param x A chart by `threshold_table()`.
#' @param what `"rates"`, or `"cost"` where costs are given.
#' @param ... Arguments to [graphics::plot.default()].
#' @export
plot.glmpp_threshold_table <- function(x, what = c("rates", "cost"), ...) {
  what <- check_what(x, what)
  lines <- threshold_lines(x, what)
  looks <- series_looks(length(lines$names))
  top <- if (what == "rates") c(0, 1.12) else range(0, lines$curve$y)
  draw_frame(list(xlim = range(lines$curve$x), ylim = top, xlab = lines$x, ylab = lines$y, main = threshold_title(x, what), xaxt = "n",
                  yaxt = if (what == "rates") "n" else "s"), ...,
             x_ticks = lines$at, y_ticks = if (what == "rates") seq(0, 1, 0.2))
  axis(1, at = lines$at, labels = lines$labels)
  if (what == "rates") axis(2, at = seq(0, 1, 0.2), las = 1)
  if (!is.null(lines$best)) abline(v = lines$best, col = guide_colour, lty = "dotted")
  for (k in seq_along(lines$names)) {
    is_own <- function(data) data[data$of == lines$names[k], ]
    lines(is_own(lines$curve)$x, is_own(lines$curve)$y, type = "S", col = looks$colour[k], lty = looks$line[k], lwd = 2)
    points(is_own(lines$marks)$x, is_own(lines$marks)$y, pch = looks$symbol[k], col = looks$colour[k])
  }
  if (what == "rates") {
    legend("top", lines$names, col = looks$colour, pch = looks$symbol, lty = looks$line, lwd = 2, bty = "n", cex = 0.75, ncol = 2, seg.len = 2.5)
  }
  invisible(x)
}

threshold_title <- function(chart, what) {
  if (what == "rates") return(chart$title)
  if (is.finite(chart$best)) sprintf("Least cost at threshold %s", format(chart$best, digits = 3)) else "Least cost: flag none"
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_threshold_table <- function(object, what = c("rates", "cost"), ...) {
  need_ggplot2()
  what <- check_what(object, what)
  lines <- threshold_lines(object, what)
  looks <- series_looks(length(lines$names))
  ggplot2::ggplot(lines$curve, ggplot2::aes(.data$x, .data$y, colour = .data$of, linetype = .data$of, shape = .data$of)) +
    (if (!is.null(lines$best)) ggplot2::geom_vline(xintercept = lines$best, linetype = "dotted", colour = guide_colour)) +
    ggplot2::geom_step(direction = "vh") +
    ggplot2::geom_point(data = lines$marks) +
    ggplot2::scale_colour_manual(values = looks$colour, name = NULL) +
    ggplot2::scale_linetype_manual(values = looks$line, name = NULL) +
    ggplot2::scale_shape_manual(values = looks$symbol, name = NULL) +
    ggplot2::scale_x_continuous(breaks = lines$at, labels = lines$labels) +
    ggplot2::expand_limits(y = 0) +
    ggplot2::labs(title = threshold_title(object, what), x = lines$x, y = lines$y,
                  caption = if (is.null(lines$best)) "Points: the table's thresholds" else "Points: the table's thresholds; dotted: the least cost") +
    light_theme() +
    ggplot2::theme(legend.position = if (what == "rates") "top" else "none", legend.key.width = ggplot2::unit(2.2, "lines"))
}
