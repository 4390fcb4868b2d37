# Minus twice the log-likelihood at the fit, as family$aic() has it; where the density is expensive, from
# sums that say the same.

problem_aic <- function(problem, solution, sums = problem$outline$response %||% likelihood_sums(problem$response, problem$family)) {
  family <- problem$family
  response <- problem$response
  if (!is.null(solution$log_likelihood)) return(-2 * solution$log_likelihood + 2 * has_estimated_likelihood_dispersion(family))
  if (is_of_single_trials(response)) return(solution$deviance)
  exact <- record_of(family)$exact_deviance
  if (!is.null(exact) && !is.null(response)) solution$deviance <- exact(solution$deviance, response, solution$mean)
  if (!is.null(sums)) return(aic_of_sums(sums, problem$facts$rows, family, solution))
  if (is.null(response)) return(NA_real_)
  trials <- if (is.null(response$trials)) rep.int(1, response$rows) else response$trials
  weights <- full_weights(response)
  # A count that is not whole has no probability, and dpois() warns of each; that has been said once for all.
  rows <- if (must_be_whole(family)) impossible_row(response$y, weights) else TRUE
  quietly(family$aic(response$y[rows], trials[rows], solution$mean[rows], weights[rows], solution$deviance))
}

# Whose saturated likelihood is 1.
is_of_single_trials <- function(response) isTRUE(response$is_bernoulli) && isTRUE(response$core_family$has_genuine_aic)

aic_of_sums <- function(sums, rows, family, solution) {
  deviance <- solution$deviance
  if (has_additive_likelihood(family)) return(deviance + sums$saturated)
  likelihood <- record_of(family)$likelihood
  if (is.function(likelihood)) likelihood(deviance, rows, sums) else NA_real_
}

# The deviance of responses next to their means, where log(y / mu) - (y - mu) / mu has lost its digits.
accurate_gamma_deviance <- function(deviance, response, mean) {
  tiny <- 1e-6
  weights <- full_weights(response)
  if (deviance > tiny * sum(weights)) return(deviance)
  excess <- response$y / mean - 1
  near <- abs(excess) < 0.1
  excess[near] <- ((response$y - mean) / mean)[near]
  2 * sum(weights * (excess - log1p(excess)))
}

# Of rows in memory, where they cost less than the likelihood itself; NULL elsewhere.
likelihood_sums <- function(response, family) {
  if (!isTRUE(response$core_family$has_genuine_aic)) return(NULL)
  weights <- response$weights
  quick_saturated <- record_of(family)$quick_saturated
  saturated <- if (!is.null(quick_saturated)) quick_saturated(response)
  if (has_additive_likelihood(family) && is.null(saturated)) return(NULL)
  if (reads_log_weights(family) && !is.null(weights)) return(NULL)
  list(sum_weights = if (is.null(weights)) response$rows else sum(weights), log_weights = 0,
       log_y = if (reads_log_y(family)) weighted_total(log(response$y), weights), saturated = saturated)
}

# It depends on the count only.
saturated_counts <- function(response) {
  counts <- summarise_numeric(response$y, response$threads)
  if (!counts$all_integer || counts$max > 1e5) return(NULL)
  twice_lost <- function(k) 2 * (k - ifelse(k > 0, k * log(k), 0) + lgamma(k + 1))
  if (counts$max > response$rows) return(weighted_total(twice_lost(response$y), response$weights))
  of_count <- twice_lost(0:counts$max)
  if (is.null(response$weights)) sum(of_count * tabulate(response$y + 1, length(of_count)))
  else weighted_total(of_count[response$y + 1], response$weights)
}

is_genuine_aic <- function(family) {
  name <- family$family
  isTRUE(record_of(family)$has_quick_aic) && is_same_code(family, cached_family(name, native_families[[name]]), "aic")
}

# A row whose likelihood is that of all, 0 or undefined; TRUE, for all of them, where there is none.
impossible_row <- function(y, weights) {
  fractional <- which(abs(y - round(y)) > 1e-6 * pmax(1, abs(y)))
  if (!length(fractional)) return(TRUE)
  c(fractional[weights[fractional] > 0], fractional)[1]
}

# From the sums of w and w log y, as the saddle point has it: with the dispersion that is the mean deviance D / sum w,
# the shape a = 1 / dispersion and a^a e^-a / Gamma(a) = sqrt(a / (2 pi)) e^-stirling_error(a), no large terms cancel.
gamma_aic <- function(dispersion, total, log_y) {
  shape <- 1 / dispersion
  2 + total + 2 * log_y - total * (log(shape / (2 * pi)) - 2 * stirling_error(shape))
}

# log(Gamma(a + 1)) - log(sqrt(2 pi a) (a / e)^a); Loader (2000), Fast and accurate computation of binomial probabilities.
stirling_error <- function(a) {
  if (a < 15) return(lgamma(a + 1) - (a + 0.5) * log(a) + a - 0.5 * log(2 * pi))
  (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * a^2)) / a^2) / a^2) / a
}
