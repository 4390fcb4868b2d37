#' Plot class probabilities
#'
#' The fitted probability of each class along one variable; the others stay at their mean (numbers) or their most
#' frequent value.
#'
#' @param x A fit by [glmpp()] with the family [multinomial()] or [ordinal()].
#' @param variable Name of a variable of the formula; by default the first number among them, or the first.
#' @param at A named list of values at which to hold other variables.
#' @param level Level of pointwise intervals (normal, on the scale of the probabilities, by the delta method, cut at 0 and
#'   1), or NULL for none.
#' @param col,lty One colour and line type for each class.
#' @param xlab,ylab,ylim,main,... As in [graphics::plot.default()].
#' @returns A data frame, invisibly: the variable and a column for each class.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' plot(fit)
#' @export
plot.glmpp_categories <- function(x, variable = NULL, at = list(), level = 0.95, col = NULL, lty = NULL, xlab = variable,
                                  ylab = "Probability", ylim = c(0, 1), main = NULL, ...) {
  refuse_unknown(substitute(list(...)), "plot", plot.glmpp_categories, graphical_parameters)
  values <- predictor_values(x)
  variable <- choose_variable(variable, values)
  grid <- variable_grid(values, variable, at)
  prediction <- predict(x, grid, "probs", se.fit = !is.null(level))
  if (is.null(level)) prediction <- list(fit = prediction)
  classes <- colnames(prediction$fit)
  look <- data.frame(col = rep_len(col %||% class_colours, length(classes)), lty = rep_len(lty %||% 1:6, length(classes)))
  room <- max(graphics::strwidth(classes, "inches")) / graphics::par("csi") + 0.5
  old <- graphics::par(mar = pmax(graphics::par("mar"), c(0, 0, 0, room)))
  on.exit(graphics::par(old))
  place <- if (is.numeric(grid[[variable]])) grid[[variable]] else seq_len(nrow(grid))
  is_line <- is.numeric(grid[[variable]])
  half <- if (!is.null(level)) stats::qnorm((1 + level) / 2) * prediction$se.fit
  lower <- if (!is.null(level)) pmax(prediction$fit - half, 0)
  upper <- if (!is.null(level)) pmin(prediction$fit + half, 1)
  graphics::plot(range(place) + if (is_line) 0 else c(-0.4, 0.4), ylim, type = "n", xlab = xlab, ylab = ylab, main = main, bty = "l",
                 las = 1, xaxt = if (is_line) "s" else "n", ...)
  if (!is_line) graphics::axis(1, place, as.character(grid[[variable]]))
  for (k in seq_along(classes)) {
    draw_class(place, prediction$fit[, k], lower[, k], upper[, k], look[k, ],
               if (!is_line) 0.12 * (k - (length(classes) + 1) / 2))
  }
  label_classes(classes, prediction$fit[nrow(grid), ], look$col, ylim)
  invisible(cbind(grid[variable], as.data.frame(prediction$fit)))
}

# Colours that the colour-blind can tell apart: Okabe and Ito (2008), Color universal design.
class_colours <- c("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

# The variables that the formula is made of, as the data have them.
predictor_values <- function(fit) {
  if (is_left_out(fit, "data")) stop_left_out("data")
  names <- all.vars(delete.response(fit$terms))
  values <- lapply(names, function(name) eval(as.name(name), fit$data, environment(fit$terms)))
  values <- named(values, names)
  values[vapply(values, function(value) length(value) > 1 && is.null(dim(value)), NA)]
}

choose_variable <- function(variable, values) {
  if (!length(values)) stop_glmpp("argument", "There is no variable to plot along: the model has none.")
  if (is.null(variable)) return(c(names(Filter(is.numeric, values)), names(values))[1])
  if (is.character(variable) && length(variable) == 1 && variable %in% names(values)) return(variable)
  stop_glmpp("argument", "`variable` must be one of the formula's.", x = sprintf("They are %s.", comma(names(values))))
}

variable_grid <- function(values, variable, at) {
  along <- values[[variable]]
  along <- if (is.numeric(along)) seq(min(along, na.rm = TRUE), max(along, na.rm = TRUE), length.out = 101)
           else if (is.factor(along)) factor(levels(droplevels(along)), levels(along)) else sort(unique(along))
  held <- lapply(values[names(values) != variable], typical_value)
  held[names(at)] <- at
  grid <- data.frame(along)
  names(grid) <- variable
  grid[names(held)] <- held
  grid
}

typical_value <- function(values) {
  if (is.numeric(values)) return(mean(values, na.rm = TRUE))
  values[which.max(tabulate(match(values, unique(values))))[1] == match(values, unique(values))][1]
}

draw_class <- function(place, probability, lower, upper, look, shift) {
  if (is.null(shift)) {
    if (!is.null(lower)) {
      graphics::polygon(c(place, rev(place)), c(lower, rev(upper)), border = NA, col = grDevices::adjustcolor(look$col, 0.15))
    }
    return(graphics::lines(place, probability, col = look$col, lty = look$lty, lwd = 2))
  }
  if (!is.null(lower)) graphics::segments(place + shift, lower, place + shift, upper, col = look$col)
  graphics::points(place + shift, probability, col = look$col, pch = 19)
}

# Names beside the ends of the lines, a line of text apart at least.
label_classes <- function(classes, ends, colours, ylim) {
  order <- order(ends)
  height <- 1.3 * graphics::strheight("M")
  spots <- ends[order]
  for (k in seq_along(spots)[-1]) spots[k] <- max(spots[k], spots[k - 1] + height)
  for (k in rev(seq_along(spots))) spots[k] <- min(spots[k], if (k == length(spots)) ylim[2] else spots[k + 1] - height)
  graphics::mtext(classes[order], side = 4, at = spots, las = 1, line = 0.3, col = colours[order], cex = graphics::par("cex"))
}
