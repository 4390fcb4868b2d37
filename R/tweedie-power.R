# The power of a Tweedie family between 1 and 2, with the dispersion, by their profile likelihood: over the coefficients, which do
# not depend on the dispersion, at each power, and over the dispersion by Newton's steps from passes with the density.

power_to_estimate <- function(link) {
  to_estimate(tweedie_of(1.5, link), "Tweedie", name = "power", at = function(value) tweedie_of(value, link), search = search_power,
              report = power_report, complete = with_power, refusal = "tweedie(power = 1.5)")
}

# The family, asked for its likelihood at a dispersion.
at_dispersion <- function(family, dispersion) {
  family$at_dispersion <- dispersion
  family
}

power_ends <- c(1.01, 1.99)
first_powers <- seq(1.1, 1.9, by = 0.1)

search_power <- function(family, open, settings, start = NULL) {
  at <- family$estimates$at
  first <- open(at(1.5))
  if (isTRUE(first$facts$mean == 0)) refuse_to_estimate("The response is 0 in every row")
  check_start(start, length(first$schema$columns))
  inner <- parameter_settings(settings)
  solution <- solve_problem(first, start, settings = inner)
  mean_deviance <- solution$deviance / total_weight(first)
  close_problem(first)
  if (!isTRUE(mean_deviance > 1e-12)) refuse_to_estimate("The fit is perfect")
  cells <- solution$one_outcome
  profile <- new_profile(at, open, inner, cells$held %||% integer(),
                         list(coefficients = solution$coefficients, dispersion = mean_deviance))
  for (power in c(first_powers, power_ends)) profile$at(power)
  tried <- profile$table()
  best <- which.max(tried$log_likelihood)
  around <- tried$power[pmin(pmax(best + c(-1, 1), 1), nrow(tried))]
  found <- stats::optimize(function(power) profile$at(power)$log_likelihood, around, maximum = TRUE, tol = 1e-6)$maximum
  tried <- profile$table()
  estimate <- profile$at(tried$power[which.max(tried$log_likelihood)])
  interval <- power_interval(profile, estimate)
  if (estimate$power <= power_ends[1] + 1e-3 || estimate$power >= power_ends[2] - 1e-3) warn_power_limit(estimate$power)
  problem <- open(at(estimate$power))
  problem$parameter <- list(value = estimate$power, coefficients = estimate$coefficients, cells = cells,
                            spent = profile$spent() + c(solution$passes, solution$iterations),
                            dispersion = estimate$dispersion, interval = interval, profile = profile$table(), open = open)
  problem
}

refuse_to_estimate <- function(reason) {
  stop_glmpp("power", sprintf("%s: nothing can be said of `power`.", reason), i = "Give it, as in `tweedie(power = 1.5)`.")
}

# The profile likelihood, with what was tried: each fit starts where that of the nearest power ended.
new_profile <- function(at, open, settings, held, first) {
  points <- list()
  spent <- c(passes = 0L, iterations = 0L)
  powers <- function() vapply(points, `[[`, 0, "power")
  list(
    at = function(power) {
      known <- match(power, powers())
      if (!is.na(known)) return(points[[known]])
      near <- if (length(points)) points[[which.min(abs(powers() - power))]] else first
      point <- profile_point(power, near, at, open, settings, held)
      spent <<- spent + point$spent
      points[[length(points) + 1]] <<- point
      point
    },
    table = function() {
      table <- data.frame(power = powers(), dispersion = vapply(points, `[[`, 0, "dispersion"),
                          log_likelihood = vapply(points, `[[`, 0, "log_likelihood"))
      table <- table[order(table$power), ]
      row.names(table) <- NULL
      table
    },
    spent = function() spent
  )
}

profile_point <- function(power, near, at, open, settings, held) {
  problem <- open(at(power))
  solution <- fit_problem(problem, near$coefficients, held, settings, rows = FALSE)
  close_problem(problem)
  coefficients <- replace(solution$coefficients, solution$aliased, 0)
  best <- maximise_dispersion(near$dispersion, function(dispersion) likelihood_sums_at(at(power), dispersion, coefficients, open))
  list(power = power, coefficients = coefficients, dispersion = best$dispersion, log_likelihood = best$log_likelihood,
       spent = c(solution$passes + best$passes, solution$iterations))
}

likelihood_sums_at <- function(family, dispersion, coefficients, open) {
  problem <- open(at_dispersion(family, dispersion))
  on.exit(close_problem(problem))
  evaluate_problem(problem, coefficients, need = "parameter_score")
}

# By Newton's steps in log(dispersion), between the last points on either side of the maximum; the likelihood is not concave everywhere.
# Its error is of the order of the square of the last step.
maximise_dispersion <- function(dispersion, sums_at, most = 100) {
  position <- log(dispersion)
  below <- -Inf
  above <- Inf
  for (pass in seq_len(most)) {
    sums <- sums_at(exp(position))
    score <- sums$parameter_score
    if (score > 0) below <- position else above <- position
    newton <- score / sums$parameter_information
    step <- if (isTRUE(sums$parameter_information > 0)) max(min(newton, 1), -1) else sign(score)
    if (position + step <= below || position + step >= above) step <- (below + above) / 2 - position
    if (abs(step) < 1e-6) break
    position <- position + step
  }
  list(dispersion = exp(position), log_likelihood = sums$log_likelihood, information = sums$parameter_information, passes = pass)
}

# Where twice the profile likelihood has fallen by the 95 % point of chi squared; the end of the range where it has not.
power_interval <- function(profile, estimate, level = 0.95) {
  floor <- estimate$log_likelihood - stats::qchisq(level, 1) / 2
  excess <- function(power) profile$at(power)$log_likelihood - floor
  end <- function(limit) {
    tried <- profile$table()
    beyond <- tried[(tried$power - estimate$power) * (limit - estimate$power) > 0 & tried$log_likelihood < floor, ]
    if (!nrow(beyond)) return(limit)
    outer <- beyond$power[which.min(abs(beyond$power - estimate$power))]
    stats::uniroot(excess, sort(c(estimate$power, outer)), tol = 1e-5)$root
  }
  c(lower = end(power_ends[1]), upper = end(power_ends[2]))
}

warn_power_limit <- function(power) {
  low <- power < 1.5
  warn_glmpp("power_limit", sprintf("The likelihood rises towards a power of %d, where the search ends.", if (low) 1L else 2L),
             x = sprintf("The estimate stands at %s.", format(round(power, 3))),
             i = if (low) "Are the responses multiples of one number? Counts go with `negative_binomial()` or `quasipoisson`."
                 else "Is there a response of 0? Positive responses go with `Gamma`.")
}

# At the coefficients of the last fit the likelihood and the dispersion are those of the profile, or a little better.
power_report <- function(problem, solution) {
  found <- problem$parameter
  coefficients <- replace(solution$coefficients, solution$aliased, 0)
  best <- maximise_dispersion(found$dispersion, function(dispersion) {
    likelihood_sums_at(problem$family, dispersion, coefficients, found$open)
  })
  list(power = found$value, power.interval = found$interval, dispersion.ml = best$dispersion, power.profile = found$profile,
       log_likelihood = best$log_likelihood, passes = as.integer(best$passes))
}

# The likelihood counts the dispersion, and the power besides.
with_power <- function(fit, report) {
  classes <- class(fit)
  fit <- unclass(fit)
  parts <- c("power", "power.interval", "dispersion.ml", "power.profile")
  fit[parts] <- report[parts]
  fit$aic <- fit$aic + 2
  class(fit) <- classes
  fit
}

has_power <- function(object) !is.null(.subset2(object, "power.interval"))

power_lines <- function(fit) {
  sprintf("Power: %s, 95%% interval %s to %s", format(round(fit$power, 4)), format(round(fit$power.interval[[1]], 4)),
          format(round(fit$power.interval[[2]], 4)))
}

#' The profile likelihood of a Tweedie power
#'
#' The log-likelihood at each power that was tried, maximised over coefficients and dispersion, and the interval where it lies within
#' half the 95 % point of chi squared with one degree of freedom of its maximum.
#'
#' @param fit A fit by [glmpp()] whose family is [tweedie()] with an estimated power, wherever its rows are.
#' @returns A [glmpp_chart] of class `glmpp_power_profile`: `data` with `power`, `dispersion` (the maximum likelihood estimate at that
#'   power) and `log_likelihood` less its maximum; `estimate` and `interval`. An error of class `glmpp_error_family` for other fits.
#' @references Dunn, P. K. and Smyth, G. K. (2005) Series evaluation of Tweedie exponential dispersion model densities, *Statistics
#'   and Computing* 15, 267-280.
#' @examples
#' rain <- data.frame(y = c(0, 0, 3.1, 0, 12.4, 1.7, 0, 5.5, 0.3, 0, 2.2, 7.9), month = factor(rep(1:2, each = 6)))
#' plot(power_profile(glmpp(y ~ month, tweedie(), rain)))
#' @export
power_profile <- function(fit) {
  if (!inherits(fit, "glmpp") || !has_power(fit)) {
    stop_glmpp("family", "power_profile() is for fits whose Tweedie power was estimated.", i = "Fit by `family = tweedie()`.")
  }
  fit <- unclass(fit)
  data <- fit$power.profile
  data$log_likelihood <- data$log_likelihood - max(data$log_likelihood)
  new_chart("power_profile", data, sprintf("Profile likelihood of the power: %s", format(round(fit$power, 3))),
            notes = sprintf("95 %% interval %s to %s", format(round(fit$power.interval[[1]], 3)), format(round(fit$power.interval[[2]], 3))),
            estimate = fit$power, interval = fit$power.interval, drop = -stats::qchisq(0.95, 1) / 2)
}

# The part of the profile that is worth looking at, by a smooth line through what was tried.
profile_line <- function(chart) {
  data <- chart$data
  near <- data[data$log_likelihood > 8 * chart$drop, ]
  if (nrow(near) < 4) near <- data
  line <- stats::spline(near$power, near$log_likelihood, n = 200, method = "natural")
  list(points = near, line = data.frame(power = line$x, log_likelihood = pmin(line$y, 0)))
}

#' @export
plot.glmpp_power_profile <- function(x, ...) {
  shown <- profile_line(x)
  draw_frame(list(xlim = range(shown$points$power), ylim = range(shown$points$log_likelihood), xlab = "power of the variance",
                  ylab = "log-likelihood less its maximum", main = x$title), ...)
  abline(h = x$drop, col = guide_colour, lty = "dashed")
  segments(x$interval, x$drop, x$interval, min(shown$points$log_likelihood), col = guide_colour, lty = "dotted")
  lines(shown$line$power, shown$line$log_likelihood, col = chart_colours[["blue"]], lwd = 2)
  points(shown$points$power, shown$points$log_likelihood, pch = 16, cex = 0.7, col = chart_colours[["blue"]])
  points(x$estimate, 0, pch = 17, col = chart_colours[["vermillion"]])
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_power_profile <- function(object, ...) {
  need_ggplot2()
  shown <- profile_line(object)
  ggplot2::ggplot(shown$line, ggplot2::aes(.data$power, .data$log_likelihood)) +
    ggplot2::geom_hline(yintercept = object$drop, linetype = "dashed", colour = guide_colour) +
    ggplot2::geom_vline(xintercept = unname(object$interval), linetype = "dotted", colour = guide_colour) +
    ggplot2::geom_line(colour = chart_colours[["blue"]]) +
    ggplot2::geom_point(data = shown$points, colour = chart_colours[["blue"]]) +
    ggplot2::annotate("point", x = object$estimate, y = 0, shape = 17, size = 2.5, colour = chart_colours[["vermillion"]]) +
    ggplot2::labs(title = object$title, x = "power of the variance", y = "log-likelihood less its maximum",
                  caption = paste(object$notes, collapse = "; ")) +
    light_theme()
}
