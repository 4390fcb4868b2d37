# What is known of each family, in one record, which response checks, likelihood, AIC, outlines, separation, charts, neighbours and
# SQL ask; nothing else names a family, but SQL's formulas (R/far-sql-family.R), which go by the names of variances. To add a
# family: a row model in C++ (src/family) under a name of its variance, a record here, and, where stats has none, a function that
# makes it.
#
#   variance     the core's name of its variance function
#   responds     "numbers", "counts" or "successes"
#   are_whole    TRUE where a response that is no whole number is warned of
#   range        of the response: list(least, reached, text), `reached` if the least may be; `text` is what glm() says. NULL: any number.
#                A function of the family's own parameter where that decides, as for `open_ends`
#   dispersion   1, or "estimated"
#   likelihood   how minus twice the log-likelihood of a whole fit is had: "additive", from the deviance and a part that does
#                not depend on the means; a function(deviance, rows, sums) of sums of the response; NULL by the family's own aic()
#   dispersion_of(deviance, weights)   the dispersion that aic() takes
#   ml_dispersion(object, parameter)   the maximum likelihood estimate given the means, with its standard error, see dispersion()
#   dispersion_terms   of its likelihood in the dispersion, see R/bias-dispersion.R; NULL where it has none
#   log_density(y, mean, weights, dispersion, parameter)   of a row with prior weight w: as aic() has it, w as multiplicity, number of
#                trials or precision. NULL: the family is no distribution
#   has_density  FALSE where the family's own parameter leaves it without a density
#   needs_pass   whether rows from afar are asked for their likelihood by a pass of its own (TRUE, or a function of the parameter)
#   count_terms(y, parameter)   what sums of the likelihood in the parameter have of the response alone, for homes that sum the rest
#   limit_rate   the power of the mean with which rows at the lower end lose their weight; NULL: 1
#   place(rows, parameter)   of each row's response in its distribution, for quantile residuals, see distribution_place()
#   needs_log_y, needs_log_weights   whether `likelihood` reads the sum of w log y, of log w
#   has_quick_aic     TRUE where the family's own aic() costs more than sums that say the same; `quick_saturated(response)`: the part of
#                     an additive likelihood that does not depend on the means, or NULL, where a quicker way to it may be had
#   exact_deviance(deviance, response, mean)   where the sum of a pass has lost digits that the likelihood needs
#   counts_dispersion   TRUE where logLik() counts the dispersion among the parameters, as stats has it
#   known_scale       whose residuals and scores take a dispersion of 1: "stats", "sandwich"
#   edge(range, link)   how far means in this range are from an end that the linear predictor does not reach, where prior weights are 1
#   extremes     whether means next to an end are told of: list(low, high, text)
#   title        of tables that compare fits, where the own parameter can be estimated
#   parameter(family)   the family's own parameter, NULL where it has none; `code`: bodies of the variance function that say so
#   make(parameter)     the family itself, for those whose link is one of their own: they run natively while their functions are those
#   lowest       what responses at the lower end are called, "zeros" unless it says so
#   open_ends    link names under which the mean reaches the ends of its range at the ends of the linear predictor only: list(bottom, top)

record_of <- function(family) {
  name <- .subset2(family, "family")[1]
  record <- .subset2(family_records, name)
  if (!is.null(record)) return(record)
  if (identical(name, "quasi")) name <- quasi_names[family$varfun %||% ""]
  family_records[[sub("\\(.*", "", name)]] %||% no_record
}

no_record <- list(responds = "numbers", dispersion = "estimated")

# Of quasi() by its variance; of others nothing is known but that.
quasi_names <- c("mu(1-mu)" = "quasibinomial", mu = "quasipoisson")

own_parameter <- function(family) {
  parameter <- record_of(family)$parameter
  if (!is.null(parameter)) parameter(family)
}

# A field that may depend on the family's own parameter.
of_parameter <- function(family, field) {
  value <- record_of(family)[[field]]
  if (!is.function(value)) return(value)
  parameter <- own_parameter(family)
  if (!is.null(parameter)) value(parameter)
}

# Counts above 0, of both kinds; the parameter is that of the negative binomial.
truncated_record <- function(variance, parameter) {
  theta_of <- function(parameter) parameter %||% Inf
  list(
    variance = variance, responds = "counts", range = list(least = 1, reached = TRUE, text = "counts below 1 not allowed"), lowest = "ones",
    are_whole = TRUE, title = "zero-truncated negative binomial", dispersion = 1, likelihood = "additive", parameter = parameter,
    make = function(parameter) truncated_counts(theta_of(parameter)),
    log_density = function(y, mean, weights, dispersion, parameter) {
      theta <- theta_of(parameter)
      weights * truncated_log_density(y, exp(zero_truncated_impl(as.double(mean), theta, TRUE)$eta), theta)
    },
    place = function(rows, parameter) {
      theta <- theta_of(parameter)
      discrete_place(rows$y, truncated_distribution, exp(zero_truncated_impl(as.double(rows$mean), theta, TRUE)$eta), theta)
    },
    open_ends = list(bottom = "log")
  )
}

both_ends <- c("logit", "probit", "cloglog", "cauchit")

family_records <- list(
  gaussian = list(
    variance = "constant", responds = "numbers", dispersion = "estimated", counts_dispersion = TRUE, has_quick_aic = TRUE,
    needs_log_weights = TRUE,
    likelihood = function(deviance, rows, sums) rows * (log(2 * pi * deviance / rows) + 1) + 2 - sums$log_weights,
    dispersion_of = function(deviance, weights) deviance / length(weights),
    ml_dispersion = function(object, parameter) dispersion_of_deviance(object, stats::nobs(object)),
    dispersion_terms = normal_dispersion_terms,
    log_density = function(y, mean, weights, dispersion, parameter) {
      -0.5 * (log(2 * pi * dispersion / weights) + weights * (y - mean)^2 / dispersion)
    },
    place = function(rows, parameter) list(upto = log_tails(pnorm, rows$y, rows$mean, sqrt(rows$dispersion / rows$weight)))
  ),
  binomial = list(
    variance = "mu(1-mu)", responds = "successes", dispersion = 1, likelihood = "additive", has_quick_aic = TRUE,
    known_scale = c("stats", "sandwich"),
    edge = function(range, link) if (any(link == both_ends)) min(range[1], 1 - range[2]) else 0,
    extremes = list(low = TRUE, high = TRUE, text = "fitted probabilities numerically 0 or 1 occurred"),
    log_density = function(y, mean, weights, dispersion, parameter) {
      trials <- round(weights)
      ifelse(weights > 0, weights / pmax(trials, 1), 0) * stats::dbinom(round(pmax(trials, 1) * y), pmax(trials, 1), mean, log = TRUE)
    },
    place = function(rows, parameter) discrete_place(rows$y * rows$weight, pbinom, round(rows$weight), rows$mean),
    open_ends = list(bottom = both_ends, top = both_ends)
  ),
  quasibinomial = list(
    variance = "mu(1-mu)", responds = "successes", dispersion = "estimated", open_ends = list(bottom = both_ends, top = both_ends)
  ),
  poisson = list(
    variance = "mu", responds = "counts", range = list(least = 0, reached = TRUE, text = "negative values not allowed"), dispersion = 1,
    likelihood = "additive", has_quick_aic = TRUE, quick_saturated = function(response) saturated_counts(response), are_whole = TRUE,
    known_scale = c("stats", "sandwich"), edge = function(range, link) if (identical(link, "log")) range[1] else 0,
    extremes = list(low = TRUE, high = FALSE, text = "fitted rates numerically 0 occurred"),
    log_density = function(y, mean, weights, dispersion, parameter) weights * stats::dpois(y, mean, log = TRUE),
    place = function(rows, parameter) discrete_place(rows$y, ppois, rows$mean),
    open_ends = list(bottom = "log")
  ),
  quasipoisson = list(
    variance = "mu", responds = "counts", range = list(least = 0, reached = TRUE, text = "negative values not allowed"),
    dispersion = "estimated", open_ends = list(bottom = "log")
  ),
  Gamma = list(
    variance = "mu^2", responds = "numbers", range = list(least = 0, reached = FALSE, text = "non-positive values not allowed"),
    dispersion = "estimated", needs_log_y = TRUE, counts_dispersion = TRUE, has_quick_aic = TRUE,
    exact_deviance = function(deviance, response, mean) accurate_gamma_deviance(deviance, response, mean),
    ml_dispersion = function(object, parameter) gamma_dispersion(object), dispersion_terms = gamma_dispersion_terms,
    likelihood = function(deviance, rows, sums) gamma_aic(max(deviance, 0) / sums$sum_weights, sums$sum_weights, sums$log_y),
    dispersion_of = function(deviance, weights) deviance / sum(weights),
    log_density = function(y, mean, weights, dispersion, parameter) {
      weights * stats::dgamma(y, shape = 1 / dispersion, scale = mean * dispersion, log = TRUE)
    },
    place = function(rows, parameter) {
      shape <- rows$weight / rows$dispersion
      list(upto = log_tails(pgamma, rows$y, shape, shape / rows$mean))
    }
  ),
  inverse.gaussian = list(
    variance = "mu^3", responds = "numbers", range = list(least = 0, reached = FALSE, text = "positive values only are allowed"),
    dispersion = "estimated", needs_log_y = TRUE, counts_dispersion = TRUE,
    ml_dispersion = function(object, parameter) dispersion_of_deviance(object, stats::nobs(object)),
    dispersion_terms = normal_dispersion_terms,
    likelihood = function(deviance, rows, sums) {
      sums$sum_weights * (log(max(deviance, 0) / sums$sum_weights * 2 * pi) + 1) + 3 * sums$log_y + 2
    },
    dispersion_of = function(deviance, weights) deviance / sum(weights),
    log_density = function(y, mean, weights, dispersion, parameter) {
      -0.5 * weights * (log(2 * pi * dispersion * y^3) + (y - mean)^2 / (dispersion * y * mean^2))
    },
    place = function(rows, parameter) {
      list(upto = log_tails(inverse_gaussian_distribution, rows$y, rows$mean, rows$weight / rows$dispersion))
    }
  ),
  "Negative Binomial" = list(
    variance = "mu+mu^2/theta", responds = "counts", range = list(least = 0, reached = TRUE, text = "negative values not allowed"),
    dispersion = "estimated", likelihood = "additive", known_scale = "sandwich", title = "negative binomial",
    parameter = function(family) environment(family$variance)$.Theta,
    code = expression(mu + mu^2 / .Theta), count_terms = function(y, theta) theta_terms_impl(y, theta),
    log_density = function(y, mean, weights, dispersion, parameter) weights * stats::dnbinom(y, size = parameter, mu = mean, log = TRUE),
    place = function(rows, parameter) discrete_place(rows$y, function(...) pnbinom(..., size = parameter), mu = rows$mean),
    open_ends = list(bottom = "log")
  ),
  "Zero-truncated Poisson" = truncated_record("zero-truncated mu", NULL),
  "Zero-truncated Negative Binomial" = truncated_record("zero-truncated mu+mu^2/theta", function(family) environment(family$variance)$.Theta),
  Tweedie = list(
    variance = "mu^p", code = expression(mu^power, mu^p), responds = "numbers", dispersion = "estimated", title = "Tweedie",
    # `p`: of statmod::tweedie().
    parameter = function(family) {
      own <- environment(family$variance)
      value <- if (is.environment(own)) own$power %||% own$p
      if (is.numeric(value)) value
    },
    range = function(power) {
      if (power >= 2) list(least = 0, reached = FALSE, text = "non-positive values not allowed")
      else if (power >= 1) list(least = 0, reached = TRUE, text = "negative values not allowed")
    },
    dispersion_of = function(deviance, weights) deviance / sum(weights),
    log_density = function(y, mean, weights, dispersion, parameter) tweedie_log_density(y, mean, dispersion / weights, parameter),
    place = function(rows, parameter) tweedie_place(rows, parameter),
    ml_dispersion = function(object, parameter) tweedie_dispersion(object, parameter),
    needs_pass = function(power) power > 1 && power < 2,
    has_density = function(power) power > 1 && power < 2 || power %in% c(0, 2, 3),
    open_ends = function(power) if (power >= 1 && power < 2) list(bottom = "log"),
    # What rows of zeros add to the deviance falls with mu^(2 - power) only.
    limit_rate = function(power) 2 - power
  )
)

# quasi() itself, whose deviance is what it says it is.
is_quasi <- function(family) .subset2(family, "family") == "quasi"

# Successes out of trials, which quasi() takes as numbers between 0 and 1.
has_trials <- function(family) has_successes(family) && !is_quasi(family)

# Whether the numbers of trials and successes must be whole.
has_whole_trials <- function(family) has_additive_likelihood(family) && has_trials(family)

must_be_whole <- function(family) isTRUE(record_of(family)$are_whole) || is_estimated(family) && responds_with_counts(family)

lowest_counts <- function(family) record_of(family)$lowest %||% "zeros"

is_of_known_scale <- function(family, to) any(record_of(family)$known_scale == to)

# Families that stats makes, and the core's names of their variances.
families_of_stats <- c("gaussian", "binomial", "quasibinomial", "poisson", "quasipoisson", "Gamma", "inverse.gaussian")
native_families <- vapply(family_records[families_of_stats], `[[`, "", "variance")

families_with <- function(field) names(family_records)[lengths(lapply(family_records, `[[`, field)) > 0]

has_additive_likelihood <- function(family) identical(record_of(family)$likelihood, "additive")

# Whether the likelihood of a whole fit reads the sum of w log y, of log w.
reads_log_y <- function(family) isTRUE(record_of(family)$needs_log_y)

reads_log_weights <- function(family) isTRUE(record_of(family)$needs_log_weights)

responds_with_counts <- function(family) record_of(family)$responds == "counts"

has_successes <- function(family) record_of(family)$responds == "successes"
