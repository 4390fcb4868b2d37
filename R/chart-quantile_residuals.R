#' Randomised quantile residuals
#'
#' The residual of a row is the normal quantile of the place of its response in its fitted distribution; where that has
#' steps (binomial, Poisson, negative binomial) the place is drawn at random within the step. If the model is right
#' they are standard normal, whatever the family.
#'
#' @param fit A fit by [glmpp()] or [stats::glm()] of the gaussian, binomial, poisson, Gamma, inverse.gaussian or a
#'   negative binomial family.
#' @param seed Seed of the draws; the state of the session's random numbers stays as it was. `NULL` draws from the
#'   session's.
#' @returns A [glmpp_chart] of class `glmpp_quantile_residuals`: `data` with one row per row of the fit (`fitted`,
#'   `residual`), rows without weight left out. `plot(, type = "qq")` (the default) draws them against normal quantiles,
#'   with the band that holds each order statistic in 95 % of samples; `type = "fitted"` against the fitted values. Of
#'   more than 4000 residuals, the largest, the smallest and an even selection of the others are drawn.
#' @section Conditions:
#' An error of class `glmpp_error_family` for families without a distribution, such as the quasi ones, and
#' `glmpp_error_dispersion` where the fit leaves nothing unexplained.
#' @references Dunn, P. K. and Smyth, G. K. (1996) Randomized quantile residuals, *Journal of Computational and
#'   Graphical Statistics* 5, 236-244.
#' @examples
#' plot(quantile_residuals(glmpp(breaks ~ wool * tension, poisson, warpbreaks)))
#' @concept goodness of fit
#' @export
quantile_residuals <- function(fit, seed = 1) {
  check_glm(fit)
  place <- distribution_place(fit$family)
  kept <- as.vector(fit$prior.weights) > 0
  rows <- list(y = observed_response(fit)[kept], mean = as.vector(fit$fitted.values)[kept],
               weight = as.vector(fit$prior.weights)[kept], dispersion = spread_of(fit))
  bounds <- place(rows)
  share <- if (is.null(bounds$below)) NULL else with_seed(seed, runif(length(rows$y)))
  residual <- normal_quantile(bounds, share)
  data <- data.frame(fitted = rows$mean, residual = residual, row.names = names(fit$fitted.values)[kept])
  new_chart("quantile_residuals", data, "Quantile residuals: normal if the model is right",
            notes = sprintf("mean %.3g, standard deviation %.3g, largest %.3g", mean(residual), sd(residual),
                            residual[which.max(abs(residual))]),
            is_random = !is.null(share))
}

# Of a discrete family log P(Y < y) and log P(Y <= y), of a continuous one log P(Y <= y) alone; each from both tails.
distribution_place <- function(family) {
  place <- record_of(family)$place
  if (!is.null(place)) return(function(rows) place(rows, own_parameter(family)))
  stop_glmpp("family", "Quantile residuals need a family that is a distribution.",
             x = sprintf("The family of `fit` is %s.", family$family),
             i = paste0("Known: ", comma(families_with("place")), "."))
}

discrete_place <- function(count, distribution, ...) {
  count <- round(count)
  list(below = log_tails(distribution, count - 1, ...), upto = log_tails(distribution, count, ...))
}

log_tails <- function(distribution, at, ...) {
  list(lower = distribution(at, ..., lower.tail = TRUE, log.p = TRUE),
       upper = distribution(at, ..., lower.tail = FALSE, log.p = TRUE))
}

# P(Y <= y) = Phi(r (y/m - 1)) + exp(2 l/m) Phi(-r (y/m + 1)), r = sqrt(l/y)
inverse_gaussian_distribution <- function(y, mean, shape, lower.tail, log.p) {
  root <- sqrt(shape / y)
  first <- pnorm(root * (y / mean - 1), lower.tail = lower.tail, log.p = TRUE)
  second <- 2 * shape / mean + pnorm(-root * (y / mean + 1), log.p = TRUE)
  if (lower.tail) first + log1p(exp(second - first)) else first + log1p(-pmin(exp(second - first), 1))
}

# From the nearer tail, so that a place beyond 1 - 1e-16 keeps its quantile.
normal_quantile <- function(bounds, share) {
  lower <- bounds$upto$lower
  upper <- bounds$upto$upper
  if (!is.null(share)) {
    lower <- log_mixture(bounds$below$lower, lower, share)
    upper <- log_mixture(upper, bounds$below$upper, 1 - share)
  }
  ifelse(lower < upper, qnorm(lower, log.p = TRUE), qnorm(upper, lower.tail = FALSE, log.p = TRUE))
}

# log(a + share (b - a)) of log a <= log b
log_mixture <- function(a, b, share) b + log(share + (1 - share) * exp(a - b))

# The value of an expression under a seed, with the session's generator put back.
with_seed <- function(seed, expression) {
  if (is.null(seed)) return(expression)
  if (!is.numeric(seed) || length(seed) != 1 || !is.finite(seed)) {
    stop_glmpp("argument", "`seed` must be one number, or NULL.", x = sprintf("It is %s.", value_text(seed)))
  }
  kinds <- RNGkind()
  before <- globalenv()$.Random.seed
  on.exit({
    RNGkind(kinds[1], kinds[2], kinds[3])
    if (is.null(before)) rm(".Random.seed", envir = globalenv())
    else assign(".Random.seed", before, envir = globalenv())
  })
  set.seed(seed, "Mersenne-Twister", "Inversion", "Rejection")
  expression
}

# Normal quantiles, and the interval of each order statistic of a standard normal sample.
normal_band <- function(count, level = 0.95) {
  i <- seq_len(count)
  tail <- (1 - level) / 2
  data.frame(theoretical = qnorm(ppoints(count)), lower = qnorm(qbeta(tail, i, count + 1 - i)),
             upper = qnorm(qbeta(1 - tail, i, count + 1 - i)))
}

# The residuals in their order, with the place of each in a normal sample; of very many a selection.
drawn_residuals <- function(chart) {
  rows <- drawn_rows(nrow(chart$data))
  cbind(chart$data[order(chart$data$residual)[rows], ], normal_band(nrow(chart$data))[rows, ])
}

quantile_labels <- function(type) {
  list(x = if (type == "qq") "standard normal quantile" else "fitted value", y = "quantile residual")
}

#' @export
plot.glmpp_quantile_residuals <- function(x, type = c("qq", "fitted"), ...) {
  type <- check_choice(type, c("qq", "fitted"), "type")
  labels <- quantile_labels(type)
  drawn <- drawn_residuals(x)
  y <- drawn$residual
  at <- if (type == "qq") drawn$theoretical else drawn$fitted
  draw_frame(list(xlim = range(at), ylim = range(y, if (type == "qq") at else c(-2, 2)),
                  xlab = labels$x, ylab = labels$y, main = x$title), ...)
  if (type == "qq") {
    draw_band(at, drawn$lower, drawn$upper)
    abline(0, 1, col = guide_colour, lty = "dashed")
  } else {
    abline(h = c(-1.96, 0, 1.96), col = guide_colour, lty = c("dotted", "dashed", "dotted"))
  }
  is_crowded <- length(y) > 500
  points(at, y, pch = if (is_crowded) "." else 1, cex = if (is_crowded) 2.5 else 0.8, col = chart_colours[["blue"]])
  invisible(x)
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_quantile_residuals <- function(object, type = c("qq", "fitted"), ...) {
  need_ggplot2()
  type <- check_choice(type, c("qq", "fitted"), "type")
  labels <- quantile_labels(type)
  data <- drawn_residuals(object)
  guides <- if (type == "qq") {
    list(ggplot2::geom_ribbon(ggplot2::aes(ymin = .data$lower, ymax = .data$upper), fill = chart_colours[["sky"]],
                              alpha = 0.25),
         ggplot2::geom_abline(slope = 1, intercept = 0, linetype = "dashed", colour = guide_colour))
  } else {
    list(ggplot2::geom_hline(yintercept = c(-1.96, 1.96), linetype = "dotted", colour = guide_colour),
         ggplot2::geom_hline(yintercept = 0, linetype = "dashed", colour = guide_colour))
  }
  data$across <- if (type == "qq") data$theoretical else data$fitted
  ggplot2::ggplot(data, ggplot2::aes(.data$across, .data$residual)) + guides +
    ggplot2::geom_point(shape = if (nrow(data) > 500) 16 else 1, size = if (nrow(data) > 500) 0.5 else 1.5,
                        colour = chart_colours[["blue"]]) +
    ggplot2::labs(title = object$title, x = labels$x, y = labels$y) + light_theme()
}
