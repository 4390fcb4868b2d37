#' Binned residuals
#'
#' Rows are put into bins of equal weight in the order of the fitted values or of a variable; the mean residual of each
#' bin is held against the band in which it should lie if the model is right. Raw residuals of binary or count data
#' show little; their means show where the mean is wrong.
#'
#' @param fit A fit by [glmpp()] or [stats::glm()].
#' @param against What orders the rows: `NULL` for the fitted values, the name of a numeric variable of the model
#'   frame, or a numeric vector with one element per row of the fit.
#' @param bins Number of bins; by default Gelman and Hill's: the square root of the number of rows (10 below 100 rows,
#'   half the rows below 10). Equal values share a bin, so there may be fewer.
#' @param level Share of the bins that should lie within the band.
#' @returns A [glmpp_chart] of class `glmpp_residual_bins`: `data` with one row per bin (`rows`, mean of `against`, mean
#'   `residual` (observed minus fitted, weighted by the prior weights), `band`: half its width, and whether the bin lies
#'   `inside`).
#'   The band is `qnorm((1 + level) / 2) sqrt(phi sum(w V(mu))) / sum(w)`.
#' @section Conditions:
#' An error of class `glmpp_error_argument` for arguments of the wrong type, length or range, and
#' `glmpp_error_dispersion` where the fit leaves nothing unexplained.
#' @references Gelman, A. and Hill, J. (2007) *Data Analysis Using Regression and Multilevel/Hierarchical Models*,
#'   Cambridge University Press, section 5.6.
#' @examples
#' plot(residual_bins(glmpp(breaks ~ wool * tension, poisson, warpbreaks)))
#' @concept goodness of fit
#' @export
residual_bins <- function(fit, against = NULL, bins = NULL, level = 0.95) {
  check_glm(fit)
  check_share(level, "level")
  order_by <- binning_variable(fit, against)
  kept <- as.vector(fit$prior.weights) > 0 & is.finite(order_by$values)
  if (is.null(bins)) bins <- gelman_bins(sum(kept))
  check_several(bins, "bins")
  values <- order_by$values[kept]
  mean <- as.vector(fit$fitted.values)[kept]
  weight <- as.vector(fit$prior.weights)[kept]
  group <- equal_bins(values, weight, bins)
  sum_of <- function(values) as.vector(rowsum(values, group))
  variance <- spread_of(fit) * sum_of(weight * fit$family$variance(mean))
  data <- data.frame(rows = tabulate(group), against = sum_of(weight * values) / sum_of(weight),
                     residual = sum_of(weight * (observed_response(fit)[kept] - mean)) / sum_of(weight),
                     band = qnorm((1 + level) / 2) * sqrt(variance) / sum_of(weight))
  data$inside <- abs(data$residual) <= data$band
  new_chart("residual_bins", data,
            sprintf("Binned residuals: %d of %s inside the %s band", sum(data$inside), plural(nrow(data), "bin"),
                    percent(level)),
            label = order_by$label)
}

gelman_bins <- function(rows) {
  if (rows >= 100) floor(sqrt(rows)) else if (rows > 10) 10 else max(2, floor(rows / 2))
}

binning_variable <- function(fit, against) {
  if (is.null(against)) return(list(values = as.vector(fit$fitted.values), label = "fitted value"))
  label <- if (is.character(against)) against[1] else "the given variable"
  if (is.character(against)) against <- frame_column(fit, against)
  rows <- length(fit$fitted.values)
  if (!is.numeric(against) || length(against) != rows) {
    stop_glmpp("argument", "`against` must name a numeric variable, or be numeric with one element per row.",
               x = sprintf("It is %s, of length %d; the fit has %s.", describe_type(against), length(against),
                           plural(rows, "row")))
  }
  list(values = as.vector(against), label = label)
}

# A column of the model frame, or else of the data on the rows of the fit.
frame_column <- function(fit, name, argument = "against") {
  frame <- model.frame(fit)
  if (length(name) == 1 && name %in% names(frame)) return(frame[[name]])
  data <- if (is.data.frame(fit$data)) fit$data[row.names(frame), , drop = FALSE]
  if (length(name) == 1 && name %in% names(data)) return(data[[name]])
  known <- union(names(frame), names(data))
  stop_glmpp("argument", sprintf("`%s` must name one variable of the fit.", argument),
             x = sprintf("There is no %s.", comma(dQuote(name, FALSE))),
             i = sprintf("Known: %s.", comma(known)))
}

#' @export
plot.glmpp_residual_bins <- function(x, ...) {
  data <- x$data
  heights <- range(data$residual, data$band, -data$band)
  legend_room <- 0.12 * diff(heights)
  draw_frame(list(xlim = range(data$against), ylim = heights + c(0, legend_room),
                  xlab = paste(x$label, "(mean of bin)"), ylab = "observed minus fitted (mean of bin)",
                  main = x$title), ...)
  draw_band(data$against, -data$band, data$band)
  abline(h = 0, col = guide_colour, lty = "dashed")
  points(data$against, data$residual, pch = ifelse(data$inside, 16, 17),
         col = ifelse(data$inside, chart_colours[["blue"]], chart_colours[["vermillion"]]))
  legend("topright", c("inside", "outside the band"), pch = c(16, 17), bty = "n", cex = 0.85, horiz = TRUE,
         col = chart_colours[c("blue", "vermillion")])
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_residual_bins <- function(object, ...) {
  need_ggplot2()
  where <- ifelse(object$data$inside, "inside", "outside")
  data <- cbind(object$data, where = factor(where, c("inside", "outside")))
  ggplot2::ggplot(data, ggplot2::aes(.data$against, .data$residual)) +
    ggplot2::geom_ribbon(ggplot2::aes(ymin = -.data$band, ymax = .data$band), fill = chart_colours[["sky"]],
                         alpha = 0.25) +
    ggplot2::geom_hline(yintercept = 0, linetype = "dashed", colour = guide_colour) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$where, shape = .data$where)) +
    two_looks("band") +
    ggplot2::labs(title = object$title, x = paste(object$label, "(mean of bin)"),
                  y = "observed minus fitted (mean of bin)") +
    light_theme()
}
