#' How fast solvers reach the optimum
#'
#' The deviance above that of the optimum, against iterations, passes over the data or seconds, for one or several fits
#' of the same model, each fitted with `trace = TRUE`. With a penalty, the deviance has the penalty's part in it, as
#' that of a trace has.
#'
#' @param ... Fits by [glmpp()] that hold a trace, or traces themselves; names become labels. Unnamed fits are called by
#'   their solver.
#' @param optimum The deviance at the optimum; by default that of a fit by Fisher scoring from the best coefficients
#'   reached, or, for traces, lean fits and fits of several categories, the lowest deviance among them; the line that has it is then
#'   not drawn (its `excess` is NA), for a fit that has not converged would seem to fall to its optimum there.
#' @returns A [glmpp_chart] of class `glmpp_convergence_trace`: `data` with one row per line of a trace (`solver`,
#'   `iteration`, `passes`, `seconds`, `deviance`, `gradient_max_norm`, `excess` over the optimum, NA where a fit starts
#'   from means rather than coefficients) and `optimum`. `plot(, against = )` takes
#'   `"iteration"`, `"passes"` or `"seconds"`; where the fits differ more than tenfold, that axis is logarithmic
#'   beyond its first unit. An excess below the rounding of the deviance is drawn at that height.
#' @section Conditions:
#' An error of class `glmpp_error_argument` for what is no fit with a trace, or `optimum` no finite number.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars, trace = TRUE)
#' plot(convergence_trace(fit))
#' @export
convergence_trace <- function(..., optimum = NULL) {
  fits <- named_fits(list(...), check_traced)
  traces <- lapply(fits, function(fit) if (inherits(fit, "glmpp_trace")) fit else fit$trace)
  is_found <- !is.null(optimum) || any(vapply(fits, is_whole_fit, NA))
  if (is.null(optimum)) optimum <- best_deviance(fits, traces)
  if (!is.numeric(optimum) || length(optimum) != 1 || !is.finite(optimum)) {
    stop_glmpp("argument", "`optimum` must be one finite number.", x = sprintf("It is %s.", value_text(optimum)))
  }
  columns <- c("iteration", "passes", "seconds", "deviance", "gradient_max_norm")
  data <- do.call(rbind, Map(function(name, trace) {
    data.frame(solver = name, as.data.frame(unclass(trace)[columns]))
  }, names(fits), traces, USE.NAMES = FALSE))
  data$solver <- factor(data$solver, names(fits))
  row.names(data) <- NULL
  data$excess <- pmax(data$deviance - optimum, 0)
  data$excess[data$iteration == 0 & is.na(data$gradient_max_norm)] <- NA
  notes <- last_lines(data)
  if (!is_found) data <- without_lowest(data)
  label <- if (length(fits) == 1) paste("Convergence of", names(fits)) else "Convergence"
  above <- if (is_found) "optimum" else "lowest reached"
  new_chart("convergence_trace", data, sprintf("%s: deviance above the %s", label, above),
            notes = c(sprintf(if (is_found) "deviance at the optimum %s" else "lowest deviance reached %s, itself not drawn: the optimum is not known",
                              format(optimum, digits = 10)), notes),
            above = above, optimum = optimum, rounding = .Machine$double.eps * max(abs(optimum), 1))
}

# Against the lowest deviance reached the line that has it would fall off a cliff that is not there.
without_lowest <- function(data) {
  is_lowest <- data$excess %in% 0
  if (sum(!is_lowest & is.finite(data$excess)) >= 2) data$excess[is_lowest] <- NA
  data
}

is_whole_fit <- function(fit) inherits(fit, "glmpp") && !is_left_out(fit, "model") && !inherits(fit, "glmpp_remote")

# Fits that pass a check, under different names.
named_fits <- function(fits, check, label = solver_label) {
  if (!length(fits)) stop_glmpp("argument", "There must be at least one fit.")
  given <- names(fits) %||% rep("", length(fits))
  called <- ifelse(nzchar(given), sprintf("`%s`", given), paste("Fit", seq_along(fits)))
  for (i in seq_along(fits)) check(fits[[i]], called[i])
  names(fits) <- make.unique(ifelse(nzchar(given), given, vapply(fits, label, "")), " ")
  fits
}

solver_label <- function(fit) if (inherits(fit, "glmpp_trace")) "trace" else gsub("_", " ", fit$solver$name)

check_traced <- function(fit, name) {
  is_trace <- inherits(fit, "glmpp_trace")
  is_fit <- inherits(fit, c("glmpp", "glmpp_categories"))
  if (is_trace || (is_fit && !is.null(fit$trace))) return(invisible())
  if (is_fit) {
    stop_glmpp("argument", sprintf("%s holds no trace.", name), i = "Fit it with `trace = TRUE`.")
  }
  stop_glmpp("argument", sprintf("%s must be a fit by glmpp().", name), x = sprintf("It is %s.", describe_type(fit)))
}

best_deviance <- function(fits, traces) {
  reached <- vapply(traces, function(trace) min(trace$deviance[is.finite(trace$gradient_max_norm)], Inf), 0)
  whole <- vapply(fits, is_whole_fit, NA)
  if (!any(whole)) return(min(reached))
  best <- fits[whole][[which.min(reached[whole])]]
  min(reached, find_optimum(best)$objective)
}

last_lines <- function(data) {
  vapply(split(data, data$solver), function(lines) {
    last <- lines[nrow(lines), ]
    sprintf("%s: %s, %s passes, %.3g s, ends %.2g above it", last$solver, plural(last$iteration, "iteration"),
            format(last$passes, big.mark = ",", digits = 4), last$seconds, last$excess)
  }, "")
}

# Where an axis puts its values: linear, or logarithmic beyond the first unit, so that zero has a place too.
stretched_axis <- function(values, group) {
  furthest <- tapply(values, group, max)
  shortest <- min(furthest[furthest > 0], Inf)
  if (max(furthest) <= 10 * shortest) {
    return(list(place = identity, at = pretty(values), labels = format_each(pretty(values))))
  }
  unit <- 10^floor(log10(shortest))
  place <- function(x) log10(1 + x / unit)
  ticks <- c(0, unit * 10^seq(0, ceiling(log10(max(furthest) / unit))))
  list(place = place, at = place(ticks), labels = format_each(ticks))
}

convergence_axes <- function(chart, against) {
  data <- chart$data[is.finite(chart$data$excess), ]
  x <- stretched_axis(data[[against]], data$solver)
  rounding <- chart$rounding
  heights <- log10(pmax(data$excess, rounding))
  decades <- seq(floor(min(heights)), ceiling(max(heights)))
  decades <- decades[decades %% max(1, ceiling(length(decades) / 8)) == 0]
  list(x = x, data = data.frame(solver = data$solver, x = x$place(data[[against]]), height = heights),
       decades = decades, decade_labels = sprintf("1e%d", as.integer(decades)), floor = log10(rounding),
       label = convergence_labels[[against]], height = sprintf("deviance above %s (log scale)", chart$above))
}

convergence_labels <- c(iteration = "iteration (epoch for SGD)", passes = "passes over the data", seconds = "seconds")

#' @rdname convergence_trace
#' @param x A chart by `convergence_trace()`, or a trace.
#' @param against What the horizontal axis shows.
#' @export
plot.glmpp_convergence_trace <- function(x, against = c("iteration", "passes", "seconds"), ...) {
  against <- check_choice(against, c("iteration", "passes", "seconds"), "against")
  axes <- convergence_axes(x, against)
  names <- levels(axes$data$solver)
  if (length(names) > 1) {
    before <- par(mar = margin_for(paste(legend_space, names), 4))
    on.exit(par(before))
  }
  draw_frame(list(xlim = range(axes$data$x), ylim = range(axes$data$height), xlab = axes$label,
                  ylab = axes$height, main = x$title, xaxt = "n", yaxt = "n"), ...,
             x_ticks = axes$x$at, y_ticks = axes$decades)
  axis(1, at = axes$x$at, labels = axes$x$labels)
  axis(2, at = axes$decades, labels = axes$decade_labels, las = 1, cex.axis = 0.85)
  abline(h = axes$floor, col = guide_colour, lty = "dotted")
  looks <- series_looks(length(names))
  for (k in seq_along(names)) {
    line <- axes$data[axes$data$solver == names[k], ]
    lines(line$x, line$height, col = looks$colour[k], lwd = 2, lty = looks$line[k])
    marked <- marked_points(nrow(line))
    points(line$x[marked], line$height[marked], col = looks$colour[k], pch = looks$symbol[k])
  }
  if (length(names) > 1) side_legend(names, looks)
  invisible(x)
}

# Every point of a short line, the ends of a long one.
marked_points <- function(count) if (count <= 40) seq_len(count) else c(1, count)

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_convergence_trace <- function(object, against = c("iteration", "passes", "seconds"), ...) {
  need_ggplot2()
  against <- check_choice(against, c("iteration", "passes", "seconds"), "against")
  axes <- convergence_axes(object, against)
  looks <- series_looks(nlevels(axes$data$solver))
  marked <- do.call(rbind, lapply(split(axes$data, axes$data$solver), function(line) line[marked_points(nrow(line)), ]))
  ggplot2::ggplot(axes$data, ggplot2::aes(.data$x, .data$height, colour = .data$solver, linetype = .data$solver,
                                          shape = .data$solver)) +
    ggplot2::geom_hline(yintercept = axes$floor, linetype = "dotted", colour = guide_colour) +
    ggplot2::geom_line() +
    ggplot2::geom_point(data = marked) +
    ggplot2::scale_colour_manual(values = looks$colour) +
    ggplot2::scale_linetype_manual(values = looks$line) +
    ggplot2::scale_shape_manual(values = looks$symbol) +
    ggplot2::scale_x_continuous(breaks = axes$x$at, labels = axes$x$labels) +
    ggplot2::scale_y_continuous(breaks = axes$decades, labels = axes$decade_labels) +
    ggplot2::coord_cartesian(ylim = range(axes$data$height)) +
    ggplot2::labs(title = object$title, x = axes$label, y = axes$height,
                  caption = if (axes$floor >= min(axes$data$height)) "Dotted: rounding of the deviance") +
    light_theme()
}

#' @rdname convergence_trace
#' @export
plot.glmpp_trace <- function(x, against = c("iteration", "passes", "seconds"), ...) {
  plot(convergence_trace(x), against = against, ...)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_trace <- function(object, against = c("iteration", "passes", "seconds"), ...) {
  autoplot.glmpp_convergence_trace(convergence_trace(object), against = against, ...)
}
