#' Tweedie families
#'
#' Distributions with variance(y) = dispersion mu^power: for powers between 1 and 2 sums of a Poisson number of gamma variables, with a
#' probability of 0 (pure premiums, rainfall). They run in C++. Exposure goes in as `weights`. [glmpp()] estimates a power between 1
#' and 2 with the coefficients and the dispersion by maximum likelihood, wherever rows are streamed; or takes it as it is given.
#'
#' @param power A number, the power of the variance: 1 or more, or 0 or less. Powers between 0 and 1 belong to no distribution. `NULL`
#'   to have it estimated, between 1.01 and 1.99.
#' @param link `"log"`, `"identity"`, `"inverse"` or `"sqrt"`, or what [stats::power()] makes.
#' @param link.power In the place of `link`: 0 for the log, else the power of the mean that is the linear predictor, as
#'   `statmod::tweedie()` has it; positive, -1 or -2.
#' @returns An object of class `"family"`. The response must not be negative for powers from 1 to 2, and must be positive from 2 on. The
#'   dispersion is estimated, as that of `Gamma`. For powers between 1 and 2, and for 0, 2 and 3, [logLik()] and
#'   [AIC()] take the density at the dispersion deviance / sum(weights), by its series, and [loglik()] and
#'   [quantile_residuals()] work; prior weights divide the dispersion. Elsewhere, and where rows are summed in a database, they are NA,
#'   or an error of class `glmpp_error_likelihood`. An error of class `glmpp_error_power` for a power between 0 and 1, and where all
#'   responses are 0, or the fit is perfect, and the power is to be estimated.
#' @section An estimated power:
#' The fit has the components `power`, `power.interval` (95 %, by the likelihood ratio), `dispersion.ml`, the maximum likelihood
#' estimate of the dispersion, and `power.profile`, a data frame of what was tried, which [power_profile()] draws. [logLik()] and [AIC()] are
#' at `dispersion.ml`, and count power and dispersion as parameters; `summary()` takes Pearson's dispersion unless told otherwise.
#' Verbs after the fit keep the power, `update()` estimates it anew; `anova()` of several fits compares likelihoods, each at its own.
#' A warning of class `glmpp_warning_power_limit` where the likelihood rises towards 1 (responses that are multiples of one number) or 2 (no response of 0).
#' @references Jorgensen, B. (1997) *The Theory of Dispersion Models*, Chapman and Hall. Dunn, P. K. and Smyth, G. K. (2005) Series
#'   evaluation of Tweedie exponential dispersion model densities, *Statistics and Computing* 15, 267-280.
#' @examples
#' rain <- data.frame(y = c(0, 0, 3.1, 0, 12.4, 1.7, 0, 5.5), month = factor(rep(1:2, each = 4)))
#' glmpp(y ~ month, tweedie(1.6), rain)
#' @concept pure premium
#' @concept insurance
#' @export
tweedie <- function(power = NULL, link = "log", link.power) {
  if (!missing(link.power)) link <- link_of_power(link.power)
  if (!inherits(link, "link-glm")) link <- make_link(check_choice(link, c("log", "identity", "inverse", "sqrt"), "link"))
  if (is.null(power)) return(power_to_estimate(link))
  if (!is.numeric(power) || length(power) != 1 || !is.finite(power) || power > 0 && power < 1) {
    stop_glmpp("power", "`power` must be a number that is 1 or more, or 0 or less; or NULL to have it estimated.",
               x = sprintf("It is %s.", value_text(power)), i = "No distribution has a variance of a power between 0 and 1 of its mean.")
  }
  tweedie_of(as.double(power), link)
}

link_of_power <- function(power) {
  if (!is.numeric(power) || length(power) != 1 || !is.finite(power) || power < 0 && !power %in% c(-1, -2)) {
    stop_glmpp("argument", "`link.power` must be a number that is not negative, or -1 or -2.", x = sprintf("It is %s.", value_text(power)))
  }
  named <- c("1/mu^2", "inverse", "log", "identity")[match(power, c(-2, -1, 0, 1))]
  if (is.na(named)) stats::power(power) else make_link(named)
}

tweedie_of <- function(power, link) {
  variance <- function(mu) mu^power
  deviances <- function(y, mu, wt) wt * tweedie_deviance(y, mu, power)
  validmu <- function(mu) all(is.finite(mu)) && (power == 0 || all(mu > 0))
  aic <- function(y, n, mu, wt, dev) {
    dispersion <- dev / sum(wt)
    used <- wt > 0
    -2 * sum(tweedie_log_density(y[used], mu[used], dispersion / wt[used], power)) + 2
  }
  initialize <- expression({
    n <- rep(1, nobs)
    mustart <- y + 0.1 * (y <= 0)
  })
  # By the dispersion of summary().
  simulate <- function(object, nsim) {
    if (power <= 1 || power >= 2) stop_glmpp("family", "simulate() of a Tweedie family needs a power between 1 and 2.")
    mean <- rep.int(stats::fitted(object), nsim)
    draw_tweedie(mean, dispersion_of(object) / rep.int(stats::weights(object, "prior"), nsim), power)
  }
  structure(list(
    family = sprintf("Tweedie(%s)", format(power)), link = link$name, linkfun = link$linkfun, linkinv = link$linkinv, variance = variance,
    dev.resids = deviances, aic = aic, mu.eta = link$mu.eta, initialize = initialize, validmu = validmu,
    valideta = link$valideta, simulate = simulate, dispersion = NA_real_
  ), class = "family")
}

# 1 < power < 2: the rate of the Poisson number of gamma variables, and their shape and scale.
compound_of <- function(mean, dispersion, power) {
  list(rate = mean^(2 - power) / (dispersion * (2 - power)), shape = (2 - power) / (power - 1),
       scale = dispersion * (power - 1) * mean^(power - 1))
}

draw_tweedie <- function(mean, dispersion, power) {
  parts <- compound_of(mean, dispersion, power)
  count <- stats::rpois(length(mean), parts$rate)
  drawn <- stats::rgamma(length(mean), pmax(count, 1) * parts$shape, scale = parts$scale)
  ifelse(count > 0, drawn, 0)
}

# Twice the integral of (y - m) / m^power from mu to y, less what is the same for all means where y <= 0.
tweedie_deviance <- function(y, mu, power) {
  if (power == 0) return((y - mu)^2)
  if (power == 1) return(2 * (ifelse(y > 0, y * log(y / mu), 0) - (y - mu)))
  if (power == 2) return(-2 * (log(y / mu) - (y - mu) / mu))
  q <- 2 - power
  ratio <- pmax(y, 0) / mu
  positive <- (expm1(q * log(ifelse(y > 0, ratio, 1))) - q * (y - mu) / mu) / (q * (q - 1))
  2 * mu^q * ifelse(y > 0, positive, 1 / q - y / mu / (q - 1))
}

# `dispersion`: of each row.
tweedie_log_density <- function(y, mean, dispersion, power) {
  if (power == 0) return(stats::dnorm(y, mean, sqrt(dispersion), log = TRUE))
  if (power == 2) return(stats::dgamma(y, 1 / dispersion, scale = mean * dispersion, log = TRUE))
  if (power == 3) return(-0.5 * (log(2 * pi * dispersion * y^3) + (y - mean)^2 / (dispersion * y * mean^2)))
  if (power <= 1 || power > 2) return(rep(NA_real_, length(y)))
  of_row <- function(values) rep_len(as.double(values), length(y))
  tweedie_log_density_impl(as.double(y), of_row(mean), of_row(dispersion), power)
}

# Among the rows, 0 has a probability of its own: its place is drawn within it, as for discrete families.
tweedie_place <- function(rows, power) {
  if (power <= 1 || power >= 2) {
    stop_glmpp("family", "Quantile residuals of a Tweedie family need a power between 1 and 2.", x = sprintf("It is %s.", format(power)))
  }
  parts <- compound_of(rows$mean, rows$dispersion / rows$weight, power)
  tails <- t(mapply(compound_tails, rows$y, parts$rate, parts$shape, parts$scale))
  upto <- list(lower = tails[, 1], upper = tails[, 2])
  # Below a positive response lies all that is up to it; below 0 nothing.
  is_zero <- rows$y == 0
  list(below = list(lower = ifelse(is_zero, -Inf, upto$lower), upper = ifelse(is_zero, 0, upto$upper)), upto = upto)
}

# log P(Y <= y) and log P(Y > y) of a sum of Poisson many gamma variables.
compound_tails <- function(y, rate, shape, scale) {
  if (y == 0) return(c(-rate, log(-expm1(-rate))))
  counts <- seq(max(1, stats::qpois(1e-20, rate)), stats::qpois(1e-20, rate, lower.tail = FALSE) + 5)
  number <- stats::dpois(counts, rate, log = TRUE)
  total <- function(logs) max(logs) + log(sum(exp(logs - max(logs))))
  lower <- total(c(-rate, number + stats::pgamma(y, counts * shape, scale = scale, log.p = TRUE)))
  c(min(lower, 0), total(number + stats::pgamma(y, counts * shape, scale = scale, lower.tail = FALSE, log.p = TRUE)))
}
