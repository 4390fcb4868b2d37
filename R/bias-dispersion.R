# Bias reduction where the dispersion is estimated with the coefficients. For rows of precision m (their prior weights) and the deviance
# D the score in the dispersion phi is (D - sum m a'(-m / phi)) / (2 phi^2); Kosmidis, Kenne Pagui and Sartori (2020), section 2.
# The record of a family has a', a'' and a''' as `dispersion_terms`.

# Those of the normal and the inverse gaussian distribution: a(z) = -log(-z).
normal_dispersion_terms <- list(first = function(z) -1 / z, second = function(z) 1 / z^2, third = function(z) -2 / z^3)

# a(z) = 2 log Gamma(-z) + 2 z log(-z) - 2 z.
gamma_dispersion_terms <- list(first = function(z) 2 * log(-z) - 2 * digamma(-z), second = function(z) 2 * trigamma(-z) + 2 / z,
                               third = function(z) -2 * psigamma(-z, 2) - 2 / z^2)

# What each type adds (a correction starts from the maximum) to the score of the dispersion: (c p + d) / phi + e sum m^3 a''' / (phi^2 sum
# m^2 a'').
dispersion_shifts <- list(mean = c(on_rank = 0.5, constant = -1, on_third = 1 / 2),
                          median = c(on_rank = 0.5, constant = 0, on_third = 1 / 6),
                          correction = c(on_rank = 0, constant = 0, on_third = 0))

# The distinct prior weights, with how often each occurs.
distinct_weights <- function(problem) {
  weights <- if (is.null(problem$response)) far_weights(list(remote = list(outline = problem$outline))) else full_weights(problem$response)
  weights <- weights[weights > 0]
  values <- unique(weights)
  list(value = values, count = tabulate(match(weights, values), length(values)))
}

# The root of the adjusted score of the dispersion at this deviance.
reduced_dispersion <- function(family, deviance, weights, rank, type) {
  sums <- dispersion_sums(family, weights)
  shift <- dispersion_shifts[[type]]
  score <- function(log_phi) {
    phi <- exp(log_phi)
    at <- sums(phi)
    # Times phi, so that it is of order n.
    (deviance - at$first) / (2 * phi) + shift[["on_rank"]] * rank + shift[["constant"]] + shift[["on_third"]] * at$third / (phi * at$second)
  }
  around <- log(deviance / sum(weights$value * weights$count))
  if (!is.finite(around)) return(0)
  found <- tryCatch(stats::uniroot(score, around + c(-1, 1), extendInt = "yes", tol = 1e-14, maxiter = 1000)$root, error = function(e) NA_real_)
  exp(found)
}

dispersion_sums <- function(family, weights) {
  terms <- record_of(family)$dispersion_terms
  function(phi) {
    z <- -weights$value / phi
    list(first = sum(weights$count * weights$value * terms$first(z)), second = sum(weights$count * weights$value^2 * terms$second(z)),
         third = sum(weights$count * weights$value^3 * terms$third(z)))
  }
}

# The maximum likelihood estimate less its bias: plus the adjustment over the information sum m^2 a'' / (2 phi^4).
corrected_dispersion <- function(family, deviance, weights, rank) {
  phi <- reduced_dispersion(family, deviance, weights, rank, "correction")
  at <- dispersion_sums(family, weights)(phi)
  shift <- dispersion_shifts$mean
  adjustment <- (shift[["on_rank"]] * rank + shift[["constant"]]) / phi + shift[["on_third"]] * at$third / (phi^2 * at$second)
  phi + adjustment * 2 * phi^4 / at$second
}
