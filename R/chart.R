# A chart is a plain object: a constructor computes its numbers, plot() draws them in base graphics, autoplot() in
# ggplot2. Constructors open no device; drawing leaves par() as it was.

new_chart <- function(class, data, title, notes = character(), ...) {
  structure(list(data = data, title = title, notes = notes, ...), class = c(paste0("glmpp_", class), "glmpp_chart"))
}

#' Charts of a fit: printing, and the numbers in a data frame
#'
#' [convergence_trace()], [likelihood_surface()], [coefficient_recovery()], [coefficient_intervals()],
#' [relativities()], [calibration_bins()], [roc_points()], [threshold_table()], [lift_bins()], [double_lift_bins()], [gain_curve()],
#' [residual_bins()], [power_profile()] and [quantile_residuals()] compute an object of class `glmpp_chart`. `plot()` draws it in base
#' graphics; `ggplot2::autoplot()` returns a ggplot of it, where \pkg{ggplot2} is installed.
#' Colours are those of Okabe and Ito, which colour-blind readers can tell apart;
#' symbols and line types say the same again.
#'
#' @param x A chart.
#' @param most Most rows to print.
#' @param digits Significant digits.
#' @param ... For `plot()`, arguments to [graphics::plot.default()], such as `main`, `xlab` or `xlim`; else ignored.
#' @returns `print()` returns its argument, `as.data.frame()` the chart's data.
#' @references Okabe, M. and Ito, K. (2008) *Color Universal Design*, <https://jfly.uni-koeln.de/color/>.
#' @examples
#' intervals <- coefficient_intervals(glmpp(am ~ wt + hp, binomial, mtcars))
#' as.data.frame(intervals)
#' plot(intervals)
#' @name glmpp_chart
NULL

#' @rdname glmpp_chart
#' @export
print.glmpp_chart <- function(x, most = 10, digits = 4, ...) {
  cat(x$title, "\n", sep = "")
  if (length(x$notes)) cat(paste0("* ", x$notes, "\n"), sep = "")
  cat("\n")
  print(utils::head(x$data, most), digits = digits, row.names = FALSE)
  hidden <- nrow(x$data) - most
  if (hidden > 0) cat(sprintf("... and %s\n", plural(hidden, "more row")))
  cat("\nplot() draws it.\n")
  invisible(x)
}

#' @rdname glmpp_chart
#' @param row.names,optional As in [as.data.frame()].
#' @export
as.data.frame.glmpp_chart <- function(x, row.names = NULL, optional = FALSE, ...) {
  as.data.frame(x$data, row.names, optional, ...)
}

# ---- What the charts share: colours, frames, text ----

# Okabe and Ito's, the dark ones first; grey stands for their yellow, which is too light for lines.
chart_colours <- c(blue = "#0072B2", vermillion = "#D55E00", green = "#009E73", purple = "#CC79A7", orange = "#E69F00",
                   sky = "#56B4E9", black = "#000000", grey = "#7F7F7F")
chart_symbols <- c(16, 17, 15, 18, 1, 2, 0, 5)
chart_lines <- c("solid", "22", "42", "12", "dotdash", "longdash", "twodash", "dotted")
guide_colour <- "grey45"

# The looks of the k-th series, round and round.
series_looks <- function(count) {
  k <- rep_len(seq_along(chart_symbols), count)
  list(colour = unname(chart_colours)[k], symbol = chart_symbols[k], line = chart_lines[k])
}

# An empty frame with a light grid at the ticks; what the caller of plot() gives goes before our own.
draw_frame <- function(defaults, ..., x_ticks = NULL, y_ticks = NULL) {
  own <- list(x = NA, type = "n", las = 1, bty = "n", font.main = 1, cex.main = 1.1)
  arguments <- utils::modifyList(c(own, defaults), list(...))
  do.call(plot.default, arguments)
  abline(v = x_ticks %||% axTicks(1), h = y_ticks %||% axTicks(2), col = "grey90")
}

draw_band <- function(x, lower, upper) {
  polygon(c(x, rev(x)), c(rep_len(lower, length(x)), rev(upper)), border = NA,
          col = adjustcolor(chart_colours[["sky"]], 0.25))
}

light_theme <- function() {
  ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.minor = ggplot2::element_blank(), plot.title.position = "plot")
}

# Margins with room in them for text on one side, at most two fifths of the figure; in lines of text.
margin_for <- function(text, side) {
  inches <- min((max(nchar(text)) + 2) * par("cin")[1] * 0.55, 0.4 * par("fin")[1])
  replace(par("mar"), side, max(inches / par("cin")[2] / par("mex"), 2))
}

# The legend of series beside the figure, in a margin made for it.
side_legend <- function(names, looks) {
  corner <- par("usr")[c(2, 4)]
  legend(corner[1], corner[2], names, col = looks$colour, pch = looks$symbol, lty = looks$line, lwd = 2, cex = 0.8,
         bty = "n", seg.len = 2.5, xpd = NA)
}

legend_space <- "-------"

# Two groups, as blue circles and vermillion triangles.
two_looks <- function(name) {
  list(ggplot2::scale_colour_manual(values = unname(chart_colours[c("blue", "vermillion")]), drop = FALSE, name = name),
       ggplot2::scale_shape_manual(values = c(16, 17), drop = FALSE, name = name))
}

need_ggplot2 <- function() {
  if (requireNamespace("ggplot2", quietly = TRUE)) return(invisible())
  stop_glmpp("package", "autoplot() needs the package ggplot2, which is not installed.",
             i = "plot() draws the same chart without it.")
}

percent <- function(share) paste(format(100 * share, digits = 3), "%")

# Each value by itself: 0, 10, 1,000, 1e+06.
format_each <- function(values) {
  vapply(values, function(value) {
    small <- value == 0 || (abs(value) >= 1e-3 && abs(value) < 1e6)
    format(value, big.mark = ",", digits = 3, scientific = !small)
  }, "")
}

# The aesthetics of ggplot2 speak of columns through this pronoun.
utils::globalVariables(".data")

# ---- What goes into a chart ----

check_glm <- function(fit, name = "fit") {
  if (inherits(fit, "glm")) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be a fit by glmpp() or glm().", name),
             x = sprintf("It is %s.", describe_type(fit)))
}

check_several <- function(value, name) {
  if (is.numeric(value) && length(value) == 1 && is.finite(value) && value >= 2) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be one whole number of at least 2.", name),
             x = sprintf("It is %s.", value_text(value)))
}

# The response of a fit, also of one that did not keep it.
observed_response <- function(fit) {
  if (!is.null(fit$y)) return(as.vector(fit$y))
  y <- model.response(if (inherits(fit, "glmpp")) fit_frame(fit) else model.frame(fit))
  as.vector(new_response(y, NULL, NULL, NULL, NULL, fit$family, NULL)$y)
}

# The dispersion that residuals are held against; a fit without a rest has none. The limit is that of summary.lm().
spread_of <- function(fit) {
  dispersion <- summary(fit)$dispersion
  least <- 1e-30 * if (identical(record_of(fit$family)$variance, "constant")) mean(fit$fitted.values^2) else 1
  if (is.finite(dispersion) && dispersion > least) return(dispersion)
  stop_glmpp("dispersion", "The chart needs a dispersion above 0.",
             x = sprintf("It is estimated as %s: the fit leaves nothing unexplained.", format(dispersion)),
             i = "Are there as many coefficients as rows, or is the response a function of the variables?")
}

whole_design_matrix <- function(fit) {
  if (!inherits(fit, "glmpp")) return(model.matrix(fit))
  if (is_left_out(fit, "model")) stop_left_out("model")
  expanded_matrix(fit, "the design matrix")
}

# Rows of a long series that suffice for drawing: its ends in full and every k-th between.
drawn_rows <- function(count, most = 4000) {
  if (count <= most) return(seq_len(count))
  ends <- most / 8
  unique(c(seq_len(ends), round(seq(ends, count - ends, length.out = most - 2 * ends)), seq(count - ends + 1, count)))
}

# Bins of equal weight in the order of x; equal values share a bin.
equal_bins <- function(x, weights, bins) {
  value <- sort(unique(x))
  of_value <- as.vector(rowsum(weights, match(x, value)))
  middle <- (cumsum(of_value) - of_value / 2) / sum(weights)
  bin <- pmin(pmax(ceiling(bins * middle), 1), bins)
  match(bin, unique(bin))[match(x, value)]
}
