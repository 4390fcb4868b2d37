# Minus twice the log-likelihood at the fit, as family$aic() has it; where the density is expensive, from
# sums that say the same.

problem_aic <- function(problem, solution) {
  family <- problem$family
  response <- problem$response
  # The saturated likelihood of single trials is 1.
  if (isTRUE(response$is_bernoulli) && isTRUE(response$core_family$has_genuine_aic)) return(solution$deviance)
  sums <- problem$outline$response %||% likelihood_sums(response, family)
  if (!is.null(sums)) return(aic_of_sums(sums, problem$facts$rows, family, solution))
  if (is.null(response)) return(NA_real_)
  trials <- if (is.null(response$trials)) rep.int(1, response$rows) else response$trials
  # dpois() warns for each row that is not whole; that has been said once.
  quietly(family$aic(response$y, trials, solution$mean, full_weights(response), solution$deviance))
}

aic_of_sums <- function(sums, rows, family, solution) {
  deviance <- solution$deviance
  if (has_additive_likelihood(family)) return(deviance + sums$saturated)
  total <- sums$sum_weights
  dispersion <- deviance / total
  switch(family$family,
    gaussian = rows * (log(2 * pi * deviance / rows) + 1) + 2 - sums$log_weights,
    Gamma = gamma_aic(1 / dispersion, total, sums$log_y, solution$totals$relative(), deviance),
    inverse.gaussian = total * (log(dispersion * 2 * pi) + 1) + 3 * sums$log_y + 2,
    NA_real_
  )
}

# Of rows in memory, where they cost less than the likelihood itself; NULL elsewhere.
likelihood_sums <- function(response, family) {
  if (!isTRUE(response$core_family$has_genuine_aic)) return(NULL)
  weights <- response$weights
  saturated <- saturated_in_memory(response, family)
  if (has_additive_likelihood(family) && is.null(saturated)) return(NULL)
  if (family$family == "gaussian" && !is.null(weights)) return(NULL)
  list(sum_weights = if (is.null(weights)) response$rows else sum(weights), log_weights = 0,
       log_y = if (family$family == "Gamma") weighted_total(log(response$y), weights), saturated = saturated)
}

saturated_in_memory <- function(response, family) {
  switch(family$family,
    poisson = saturated_counts(response)
  )
}

# It depends on the count only.
saturated_counts <- function(response) {
  counts <- summarise_numeric(response$y, response$threads)
  if (!counts$all_integer || counts$max > 1e5) return(NULL)
  twice_lost <- function(k) 2 * (k - ifelse(k > 0, k * log(k), 0) + lgamma(k + 1))
  of_rows <- if (counts$max > response$rows) twice_lost(response$y) else twice_lost(0:counts$max)[response$y + 1]
  weighted_total(of_rows, response$weights)
}

is_genuine_aic <- function(family) {
  name <- family$family
  name %in% c("binomial", "gaussian", "poisson", "Gamma") && is_same_code(family, cached_family(name, native_families[[name]]), "aic")
}

# From the sums of w, w log y and w y / mu.
gamma_aic <- function(shape, total, log_y, relative, deviance) {
  log_mean <- log_y + deviance / 2 - relative + total
  2 - 2 * (total * (shape * log(shape) - lgamma(shape)) + (shape - 1) * log_y - shape * log_mean - shape * relative)
}
