#' Tweedie families
#'
#' Distributions with variance(y) = dispersion mu^power: for powers between 1 and 2 sums of a Poisson number of gamma variables, with a
#' probability of 0 (pure premiums, rainfall). They run in C++. Exposure goes in as `weights`.
#'
#' @param power A number, the power of the variance: 1 or more, or 0 or less. Powers between 0 and 1 belong to no distribution.
#' @param link `"log"`, `"identity"`, `"inverse"` or `"sqrt"`, or what [stats::power()] makes.
#' @returns An object of class `"family"`. The response must not be negative for powers from 1 to 2, and must be positive from 2 on. The
#'   dispersion is estimated, as that of `Gamma`. For powers between 1 and 2, and for 0, 2 and 3, [logLik()] and
#'   [AIC()] take the density at the dispersion deviance / sum(weights), by its series, and [loglik()] and
#'   [quantile_residuals()] work; prior weights divide the dispersion. Elsewhere, and from afar, they are NA, or an
#'   error of class `glmpp_error_likelihood`. An error of class `glmpp_error_power` for a power between 0 and 1.
#' @references Jorgensen, B. (1997) *The Theory of Dispersion Models*, Chapman and Hall. Dunn, P. K. and Smyth, G. K. (2005) Series
#'   evaluation of Tweedie exponential dispersion model densities, *Statistics and Computing* 15, 267-280.
#' @examples
#' rain <- data.frame(y = c(0, 0, 3.1, 0, 12.4, 1.7, 0, 5.5), month = factor(rep(1:2, each = 4)))
#' glmpp(y ~ month, tweedie(1.6), rain)
#' @export
tweedie <- function(power = 1.5, link = "log") {
  if (!is.numeric(power) || length(power) != 1 || !is.finite(power) || power > 0 && power < 1) {
    stop_glmpp("power", "`power` must be a number that is 1 or more, or 0 or less.", x = sprintf("It is %s.", deparse1(power)),
               i = "No distribution has a variance of a power between 0 and 1 of its mean.")
  }
  if (!inherits(link, "link-glm")) link <- make_link(check_choice(link, c("log", "identity", "inverse", "sqrt"), "link"))
  tweedie_of(as.double(power), link)
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
  structure(list(
    family = sprintf("Tweedie(%s)", format(power)), link = link$name, linkfun = link$linkfun, linkinv = link$linkinv, variance = variance,
    dev.resids = deviances, aic = aic, mu.eta = link$mu.eta, initialize = initialize, validmu = validmu,
    valideta = link$valideta, dispersion = NA_real_
  ), class = "family")
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
  dispersion <- rows$dispersion / rows$weight
  rate <- rows$mean^(2 - power) / (dispersion * (2 - power))
  scale <- dispersion * (power - 1) * rows$mean^(power - 1)
  tails <- t(mapply(compound_tails, rows$y, rate, (2 - power) / (power - 1), scale))
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
