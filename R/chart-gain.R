#' How much of the response lies where a fit expects it? Gain curve, Lorenz curve and Gini coefficient
#'
#' Rows are ordered by their fitted values (per unit of exposure), the highest first; the curve is the share of the response that the
#' first rows hold against their share of the exposure. Drawn from the lowest on it is the ordered Lorenz curve. Rows of equal fitted
#' values are one step.
#'
#' @section Gini:
#' Twice the area between the curve and the diagonal is `area`; ordering the rows by what was observed would give `best_area`, the most
#' there is. `gini` is, for a binomial response, `area / best_area`, which is 2 AUC - 1 (Somers' D, the accuracy ratio of credit scoring);
#' for other responses it is `area` itself, the Gini coefficient of the ordered Lorenz curve, as actuaries have it. `normalised` is
#' `area / best_area` for all.
#'
#' @inheritSection lift_bins Exposure
#' @inheritParams lift_bins
#' @param ... Fits by [glmpp()] or [stats::glm()], of any family; names become labels. Unnamed fits are called by their formula. Those from
#'   afar need `newdata`. A data frame after a fit is taken for `newdata`.
#' @returns A [glmpp_chart] of class `glmpp_gain_curve`: `data` with one row per different fitted value (`score`, the fitted value per
#'   unit of exposure; `exposure` and `response`, the shares at or above it), of several fits below each other with a column `fit`;
#'   `gini`, `area`, `best_area` and `normalised`, one number for each fit. `plot(, type = "gain")` (the default) draws the curve from
#'   the highest on, `type = "lorenz"` from the lowest.
#' @section Conditions:
#' An error of class `glmpp_error_response` where the response is negative or 0 in all rows, `glmpp_error_argument`
#' for arguments of the wrong type or length, `glmpp_error_newdata` if `newdata` lacks the response or the exposure, and
#' `glmpp_error_rows` for a fit from afar without `newdata`.
#' @references Frees, E. W., Meyers, G. and Cummings, A. D. (2011) Summarizing insurance scores using a Gini index, *Journal of the American
#'   Statistical Association* 106, 1085-1098. Somers, R. H. (1962) A new asymmetric measure of association for ordinal variables, *American
#'   Sociological Review* 27, 799-811.
#' @seealso [roc_points()], [lift_bins()].
#' @examples
#' rich <- glmpp(breaks ~ wool * tension, poisson, warpbreaks)
#' poor <- glmpp(breaks ~ wool, poisson, warpbreaks)
#' gain_curve(rich)$gini
#' plot(gain_curve(rich = rich, poor = poor))
#' @export
gain_curve <- function(..., newdata = NULL, exposure = NULL, outcome = NULL) {
  given <- judged_fits(list(...), newdata)
  rows <- lapply(given$fits, judged_rows, given$newdata, exposure, outcome)
  for (judged in rows) check_shares(judged$data)
  curves <- lapply(rows, function(judged) cumulated_shares(judged$data))
  area <- vapply(curves, area_over_diagonal, 0)
  are_trials <- vapply(given$fits, function(fit) inherits(fit, "glmpp_categories") || has_trials(fit$family), NA)
  best <- mapply(function(judged, are_trials) best_area(judged$data, are_trials), rows, are_trials)
  gini <- ifelse(are_trials, area / best, area)
  is_one <- length(curves) == 1
  plain <- function(values) if (is_one) unname(values) else named(values, names(curves))
  new_chart("gain_curve", bind_curves(curves), gain_title(gini, names(curves)),
            notes = c(if (all(are_trials)) "Gini: 2 AUC - 1"
                      else sprintf("of the most there is, %s%%", comma(format(100 * area / best, digits = 3))),
                      different_rows_note(vapply(rows, function(judged) length(judged$kept), 0L)),
                      unique(unlist(lapply(rows, `[[`, "notes")))),
            gini = plain(gini), area = plain(area), best_area = plain(best), normalised = plain(area / best),
            unit = rows[[1]]$exposure %||% "weight")
}

gain_title <- function(gini, names) {
  if (length(gini) == 1) return(sprintf("Gain curve: Gini %.3f", gini))
  order <- order(-gini)
  paste("Gini:", comma(sprintf("%s %.3f", names, gini)[order], 4))
}

check_shares <- function(rows) {
  if (any(rows$observed < 0)) {
    stop_glmpp("response", "A gain curve needs a response that is not negative: it shows shares of its sum.",
               x = sprintf("The least is %s.", format(min(rows$observed))), i = "lift_bins() takes any response.")
  }
  if (!any(rows$observed > 0)) stop_glmpp("response", "A gain curve needs a response above 0 in some row.")
}

cumulated_shares <- function(rows, score = rows$score) {
  value <- sort(unique(score), decreasing = TRUE)
  sums <- rowsum(cbind(rows$weight, rows$weight * rows$observed), match(score, value))
  up_to <- function(column) c(0, cumsum(sums[, column]) / sum(sums[, column]))
  data.frame(score = c(Inf, value), exposure = up_to(1), response = up_to(2), row.names = NULL)
}

# Twice the area between the curve and the diagonal, by trapezes.
area_over_diagonal <- function(curve) {
  width <- diff(curve$exposure)
  height <- curve$response[-1] + curve$response[-nrow(curve)]
  sum(width * height) - 1
}

# That of the rows in the order of what was observed; of trials, the successes first.
best_area <- function(rows, are_trials) {
  if (are_trials) 1 - weighted.mean(rows$observed, rows$weight) else area_over_diagonal(cumulated_shares(rows, merge_close(rows$observed)))
}

gain_labels <- function(chart, type) {
  from <- if (type == "gain") "highest" else "lowest"
  list(x = sprintf("share of %s, %s fitted values first", chart$unit, from), y = "share of the response")
}

# The points to draw, from the highest or the lowest on.
drawn_gains <- function(chart, type) {
  lapply(split_curves(chart$data), function(curve) {
    curve <- curve[drawn_rows(nrow(curve)), ]
    if (type == "lorenz") curve[c("exposure", "response")] <- 1 - curve[c("exposure", "response")]
    curve
  })
}

#' @export
plot.glmpp_gain_curve <- function(x, type = c("gain", "lorenz"), ...) {
  type <- check_choice(type, c("gain", "lorenz"), "type")
  labels <- gain_labels(x, type)
  curves <- drawn_gains(x, type)
  draw_frame(list(xlim = c(0, 1), ylim = c(0, 1), xlab = labels$x, ylab = labels$y, main = x$title), ...)
  if (length(curves) == 1) draw_band_between(curves[[1]]$exposure, curves[[1]]$response)
  segments(0, 0, 1, 1, col = guide_colour, lty = "dashed")
  draw_curves(curves, c("exposure", "response"), if (type == "gain") "bottomright" else "topleft")
  invisible(x)
}

draw_band_between <- function(x, y) polygon(c(x, rev(x)), c(x, rev(y)), border = NA, col = adjustcolor(chart_colours[["sky"]], 0.25))

# Lines of several curves with their legend.
draw_curves <- function(curves, columns, corner) {
  looks <- series_looks(length(curves))
  for (k in seq_along(curves)) {
    lines(curves[[k]][[columns[1]]], curves[[k]][[columns[2]]], col = looks$colour[k], lwd = 2, lty = looks$line[k])
  }
  if (length(curves) > 1) {
    legend(corner, names(curves), col = looks$colour, lty = looks$line, lwd = 2, bty = "n", cex = 0.85, seg.len = 2.5, inset = 0.02)
  }
}

# The same in ggplot2.
ggplot_curves <- function(curves, columns) {
  data <- if (length(curves) == 1) cbind(fit = "1", curves[[1]]) else do.call(rbind, unname(curves))
  looks <- series_looks(length(curves))
  list(ggplot2::geom_path(ggplot2::aes(.data[[columns[1]]], .data[[columns[2]]], colour = .data$fit, linetype = .data$fit), data = data),
       ggplot2::scale_colour_manual(values = looks$colour, name = NULL), ggplot2::scale_linetype_manual(values = looks$line, name = NULL),
       if (length(curves) == 1) ggplot2::guides(colour = "none", linetype = "none")
       else ggplot2::theme(legend.key.width = ggplot2::unit(2.5, "lines"), legend.direction = "vertical",
                           legend.position = if (max(nchar(names(curves))) > 15) "bottom" else "right"))
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_gain_curve <- function(object, type = c("gain", "lorenz"), ...) {
  need_ggplot2()
  type <- check_choice(type, c("gain", "lorenz"), "type")
  labels <- gain_labels(object, type)
  curves <- drawn_gains(object, type)
  ggplot2::ggplot(curves[[1]], ggplot2::aes(.data$exposure, .data$response)) +
    ggplot2::annotate("segment", x = 0, y = 0, xend = 1, yend = 1, linetype = "dashed", colour = guide_colour) +
    (if (length(curves) == 1) ggplot2::geom_ribbon(ggplot2::aes(ymin = pmin(.data$exposure, .data$response),
                                                                ymax = pmax(.data$exposure, .data$response)),
                                                   fill = chart_colours[["sky"]], alpha = 0.25)) +
    light_theme() +
    ggplot_curves(curves, c("exposure", "response")) +
    ggplot2::coord_equal(xlim = c(0, 1), ylim = c(0, 1)) +
    ggplot2::labs(title = object$title, x = labels$x, y = labels$y, caption = "Dashed: no order, a Gini of 0")
}
