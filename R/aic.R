# Minus twice the log-likelihood at the fit, as family$aic() has it; where the density is expensive, from
# sums that say the same.

model_aic <- function(response, family, mean, deviance) {
  shortcut <- if (isTRUE(response$core_family$has_genuine_aic)) aic_shortcuts[[family$family]]
  value <- if (!is.null(shortcut)) shortcut(response, mean, deviance)
  if (!is.null(value)) return(value)
  trials <- if (is.null(response$trials)) rep.int(1, response$rows) else response$trials
  # dpois() warns for each row that is not whole; that has been said once.
  quietly(family$aic(response$y, trials, mean, full_weights(response), deviance))
}

is_genuine_aic <- function(family) {
  name <- family$family
  name %in% names(aic_shortcuts) && is_same_code(family, cached_family(name, native_families[[name]]), "aic")
}

aic_shortcuts <- list(
  # The saturated likelihood of single trials is 1.
  binomial = function(response, mean, deviance) if (isTRUE(response$is_bernoulli)) deviance,

  gaussian = function(response, mean, deviance) {
    rows <- response$rows
    if (is.null(response$weights)) rows * (log(2 * pi * deviance / rows) + 1) + 2
  },

  # The saturated part depends on the count only.
  poisson = function(response, mean, deviance) {
    counts <- summarise_numeric(response$y, response$threads)
    if (!counts$all_integer || counts$max > 1e5) return(NULL)
    k <- 0:counts$max
    saturated <- 2 * (k - ifelse(k > 0, k * log(k), 0) + lgamma(k + 1))[response$y + 1]
    deviance + if (is.null(response$weights)) sum(saturated) else sum(response$weights * saturated)
  },

  # sum w log(y / mu) follows from the deviance.
  Gamma = function(response, mean, deviance) {
    weights <- response$weights
    total <- if (is.null(weights)) response$rows else sum(weights)
    weighted_sum <- function(values) if (is.null(weights)) sum(values) else sum(weights * values)
    gamma_aic(total / deviance, total, weighted_sum(log(response$y)), weighted_sum(response$y / mean), deviance)
  }
)

# From the sums of w, w log y and w y / mu.
gamma_aic <- function(shape, total, log_y, relative, deviance) {
  log_mean <- log_y + deviance / 2 - relative + total
  2 - 2 * (total * (shape * log(shape) - lgamma(shape)) + (shape - 1) * log_y - shape * log_mean - shape * relative)
}
