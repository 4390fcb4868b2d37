#' The log-likelihood over two coefficients, and the way of the solvers across it
#'
#' Contours of the log-likelihood (with a penalty, the penalised one), minus its maximum, over a grid of two
#' coefficients; the paths of fits made with `trace = "coefficients"` run across.
#'
#' @param ... Fits by [glmpp()] of one model; names become labels. The first gives the likelihood, each that kept the
#'   coefficients of its iterates a path.
#' @param coefficients Two names or numbers of coefficients; by default the first two.
#' @param profile `FALSE` holds the other coefficients at the optimum: a section. `TRUE` maximises over them at every
#'   point of the grid: the profile likelihood, at the price of one fit per point. Paths are projections either way, so
#'   that in a section they may seem to climb down.
#' @param size Points of the grid along each axis; by default 61, and 31 for more than 100,000 rows.
#' @param limits A list of two ranges; by default those of the paths and of four standard errors about the optimum.
#' @returns A [glmpp_chart] of class `glmpp_likelihood_surface`: `data` with one row per point of the grid (the two
#'   coefficients as `x` and `y`, `log_likelihood` minus its maximum, NA where the mean is not valid), `paths`
#'   (`solver`, `iteration`, `x`, `y`), `optimum` and `names`. The dispersion is held at its estimate. It costs `size^2`
#'   passes over the data (profiled, fits).
#' @section Conditions:
#' An error of class `glmpp_error_argument` for what is no fit by glmpp(), for fits with different coefficients, and for
#' coefficients that there are not; `glmpp_error_dispersion` where the fit leaves nothing unexplained.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' plot(likelihood_surface(fit, size = 21))
#' @export
likelihood_surface <- function(..., coefficients = 1:2, profile = FALSE, size = NULL, limits = NULL) {
  fits <- named_models(list(...))
  check_flag(profile, "profile")
  if (is.null(size)) size <- if (length(fits[[1]]$fitted.values) > 1e5) 31 else 61
  check_several(size, "size")
  fit <- fits[[1]]
  refuse_leverages(fit, "A surface with its confidence region")
  chosen <- chosen_coefficients(fit, coefficients)
  dispersion <- spread_of(fit)
  optimum <- find_optimum(fit)
  paths <- iterate_paths(fits, chosen)
  if (is.null(limits)) limits <- surface_limits(fit, optimum$coefficients, chosen, paths)
  check_limits(limits)
  axes <- lapply(limits, function(range) seq(range[1], range[2], length.out = size))
  objective_over <- if (profile) profile_objective else section_objective
  objective <- objective_over(fit, optimum, chosen, axes)
  data <- expand.grid(x = axes[[1]], y = axes[[2]], KEEP.OUT.ATTRS = FALSE)
  data$log_likelihood <- (optimum$objective - objective) / (2 * dispersion)
  data$log_likelihood[!is.finite(objective)] <- NA
  new_chart("likelihood_surface", data,
            paste0(if (is.null(fit$penalty)) "Log-likelihood" else "Penalised log-likelihood", " minus its maximum",
                   if (profile) ", profiled over the other coefficients"),
            notes = paste("maximum at", comma(sprintf("%s = %.5g", names(chosen), optimum$coefficients[chosen]))),
            paths = paths, optimum = unname(optimum$coefficients[chosen]), names = names(chosen))
}

check_glmpp <- function(fit, name) {
  if (inherits(fit, "glmpp")) return(invisible())
  stop_glmpp("argument", sprintf("%s must be a fit by glmpp().", name), x = sprintf("It is %s.", describe_type(fit)))
}

named_models <- function(fits) {
  fits <- named_fits(fits, check_glmpp)
  others <- vapply(fits, function(fit) !identical(names(all_coefficients(fit)), names(all_coefficients(fits[[1]]))), NA)
  if (any(others)) {
    stop_glmpp("argument", "The fits must be of one model.",
               x = sprintf("%s has other coefficients than %s.", names(fits)[others][1], names(fits)[1]))
  }
  fits
}

# Positions of two coefficients, under their names.
chosen_coefficients <- function(fit, coefficients) {
  names <- names(all_coefficients(fit))
  position <- if (is.character(coefficients)) match(coefficients, names) else coefficients
  known <- seq_along(names)[!is.na(all_coefficients(fit))]
  are_two <- length(position) == 2 && all(position %in% known) && position[1] != position[2]
  if (are_two) return(named(as.integer(position), names[position]))
  stop_glmpp("argument", "`coefficients` must be the names or numbers of two coefficients.",
             x = sprintf("It is %s.", value_text(coefficients)),
             i = sprintf("Coefficients: %s.", comma(names[known])))
}

check_limits <- function(limits) {
  is_range <- function(range) is.numeric(range) && length(range) == 2 && all(is.finite(range)) && range[1] < range[2]
  if (is.list(limits) && length(limits) == 2 && all(vapply(limits, is_range, NA))) return(invisible())
  stop_glmpp("argument", "`limits` must be a list of two ranges, such as `list(c(-1, 1), c(0, 2))`.",
             x = sprintf("It is %s.", value_text(limits)))
}

iterate_paths <- function(fits, chosen) {
  paths <- Map(function(name, fit) {
    iterates <- attr(fit$trace, "coefficients")
    if (is.null(iterates)) return(NULL)
    path <- data.frame(solver = name, iteration = fit$trace$iteration, x = unname(iterates[, chosen[1]]),
                       y = unname(iterates[, chosen[2]]))
    path[is.finite(path$x) & is.finite(path$y), ]
  }, names(fits), fits)
  paths <- Filter(Negate(is.null), paths)
  if (!length(paths)) return(NULL)
  paths <- do.call(rbind, c(unname(paths), list(make.row.names = FALSE)))
  paths$solver <- factor(paths$solver, unique(paths$solver))
  paths
}

surface_limits <- function(fit, optimum, chosen, paths) {
  errors <- sqrt(diag(covariance_of_all(fit)))[chosen]
  lapply(1:2, function(k) {
    path <- if (is.null(paths)) NULL else paths[[c("x", "y")[k]]]
    range <- range(optimum[chosen[k]] + c(-4, 4) * errors[k], path[is.finite(path)])
    range + c(-0.04, 0.04) * diff(range)
  })
}

# Contours at 1, 3, 10, 30, ... below the maximum; 3 is qchisq(0.95, 2) / 2, the edge of the 95 % region.
contour_levels <- function(values) {
  depth <- max(-values, 3, na.rm = TRUE)
  steps <- as.vector(outer(c(1, 3), 10^(0:15)))
  -steps[steps <= depth]
}

# Contours are drawn of the square root of the depth, which is nearly a cone: linear between the points of the grid.
surface_grid <- function(chart) {
  x <- unique(chart$data$x)
  depth <- sqrt(pmax(-chart$data$log_likelihood, 0))
  levels <- contour_levels(chart$data$log_likelihood)
  list(x = x, y = unique(chart$data$y), depth = matrix(depth, length(x)), levels = levels, at = sqrt(-levels))
}

surface_shades <- function(count) hcl.colors(max(count, 2), "Blues 3", alpha = 0.55)[seq_len(count)]

surface_caption <- "-3: edge of the 95 % confidence region; cross: maximum; open: start"

#' @export
plot.glmpp_likelihood_surface <- function(x, ...) {
  grid <- surface_grid(x)
  if (!is.null(x$paths)) {
    before <- par(mar = margin_for(paste(legend_space, levels(x$paths$solver)), 4))
    on.exit(par(before))
  }
  draw_frame(list(xlim = range(grid$x), ylim = range(grid$y), xlab = x$names[1], ylab = x$names[2],
                  main = x$title, xaxs = "i", yaxs = "i"), ...)
  bands <- c(0, grid$at, max(grid$depth, grid$at, na.rm = TRUE) + 1)
  .filled.contour(grid$x, grid$y, grid$depth, bands, surface_shades(length(bands) - 1))
  contour(grid$x, grid$y, grid$depth, levels = grid$at, labels = format_each(grid$levels), add = TRUE, col = "grey25",
          labcex = 0.75, lwd = ifelse(grid$levels == -3, 2, 0.8))
  mtext(surface_caption, side = 3, line = 0.2, cex = 0.75 * par("cex"), col = "grey30")
  draw_paths(x$paths)
  points(x$optimum[1], x$optimum[2], pch = 4, lwd = 3, cex = 1.4)
  invisible(x)
}

draw_paths <- function(paths) {
  if (is.null(paths)) return(invisible())
  looks <- path_looks(nlevels(paths$solver))
  for (k in seq_len(nlevels(paths$solver))) {
    path <- paths[paths$solver == levels(paths$solver)[k], ]
    lines(path$x, path$y, col = looks$colour[k], lwd = 2, lty = looks$line[k])
    marked <- marked_points(nrow(path))
    points(path$x[marked], path$y[marked], col = looks$colour[k], pch = looks$symbol[k])
    start <- path[path$iteration == 0, ]
    points(start$x, start$y, pch = 21, bg = "white", col = looks$colour[k], cex = 1.4, lwd = 2)
  }
  side_legend(levels(paths$solver), looks)
}

marked_path_points <- function(paths) {
  do.call(rbind, lapply(split(paths, paths$solver), function(path) path[marked_points(nrow(path)), ]))
}

# Blue is the surface's.
path_looks <- function(count) {
  looks <- series_looks(count + 1)
  list(colour = looks$colour[-1], symbol = looks$symbol[-1], line = looks$line[seq_len(count)])
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_likelihood_surface <- function(object, ...) {
  need_ggplot2()
  grid <- surface_grid(object)
  bands <- c(0, grid$at, Inf)
  levels <- format_each(grid$levels)
  labels <- c(paste("above", levels), paste("below", levels[length(levels)]))
  data <- cbind(object$data, depth = as.vector(grid$depth))
  paths <- object$paths
  looks <- path_looks(nlevels(paths$solver))
  ggplot2::ggplot(data, ggplot2::aes(.data$x, .data$y)) +
    ggplot2::geom_contour_filled(ggplot2::aes(z = .data$depth), breaks = bands) +
    ggplot2::geom_contour(ggplot2::aes(z = .data$depth), breaks = grid$at, colour = "grey35", linewidth = 0.2) +
    ggplot2::geom_contour(ggplot2::aes(z = .data$depth), breaks = sqrt(3), colour = "grey35", linewidth = 0.8) +
    (if (!is.null(paths)) list(
      ggplot2::geom_path(ggplot2::aes(colour = .data$solver, linetype = .data$solver), data = paths),
      ggplot2::geom_point(ggplot2::aes(colour = .data$solver, shape = .data$solver), data = marked_path_points(paths)),
      ggplot2::geom_point(ggplot2::aes(colour = .data$solver), data = paths[paths$iteration == 0, ], shape = 21,
                          fill = "white", size = 2.5, show.legend = FALSE),
      ggplot2::scale_shape_manual(values = looks$symbol),
      ggplot2::scale_colour_manual(values = looks$colour), ggplot2::scale_linetype_manual(values = looks$line)
    )) +
    ggplot2::annotate("point", x = object$optimum[1], y = object$optimum[2], shape = 4, size = 3, stroke = 1.2) +
    ggplot2::scale_fill_manual(values = surface_shades(length(bands) - 1), labels = labels, drop = FALSE,
                               name = "log-likelihood\nminus maximum") +
    ggplot2::coord_cartesian(expand = FALSE) +
    ggplot2::labs(title = object$title, x = object$names[1], y = object$names[2], caption = surface_caption) +
    light_theme()
}
