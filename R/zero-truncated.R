# Counts above zero.

#' Zero-truncated counts
#'
#' Families for counts that are at least 1 because zeros could not be seen (lengths of stay, sizes of groups that were met, positive
#' counts of a [hurdle()] model): Poisson or negative binomial counts, given that they are not 0. The linear predictor is the log of
#' mu, the mean before truncation, so that `exp(coef(fit))` are its ratios; fitted values are means of the counts that are seen, mu
#' / P(y > 0).
#'
#' Poisson counts, and negative binomial ones with theta given, are generalized linear models of these means; `glm()` takes the
#' families too. The variance of the negative binomial before truncation is mu + mu^2 / theta, see [negative_binomial()]. Where
#' theta is estimated, the fit has the components `theta`, `SE.theta` and `twologlik`, and its standard errors, those of the
#' coefficients too, are by the observed information of coefficients and theta together, which, other than for counts with zeros,
#' are not orthogonal. What works with given theta only, such as [as.glm()] and the sandwich, takes
#' `truncated_negative_binomial(theta)`.
#'
#' @param theta NULL, or a positive number.
#' @param link `"log"`, of the mean before truncation.
#' @returns A family object, see [stats::family()]. Fits have the errors and warnings of [glmpp()]: `glmpp_error_response` where
#'   there are zeros, `glmpp_warning_separation` where the likelihood rises for ever as means of ones fall, and those of
#'   [negative_binomial()], such as `glmpp_warning_poisson_limit`.
#' @references Cameron, A. C. and Trivedi, P. K. (2013) *Regression Analysis of Count Data*, 2nd edition, Cambridge University
#'   Press, section 4.3. Grogger, J. T. and Carson, R. T. (1991) Models for truncated counts, *Journal of Applied Econometrics* 6,
#'   225-238.
#' @examples
#' seen <- subset(warpbreaks, breaks > 0)
#' glmpp(breaks ~ wool, truncated_poisson(), seen)
#' fit <- glmpp(breaks ~ wool, truncated_negative_binomial(), seen)
#' c(theta = fit$theta, se = fit$SE.theta)
#' @export
truncated_poisson <- function(link = "log") {
  check_choice(link, "log", "link")
  truncated_counts(Inf)
}

#' @rdname truncated_poisson
#' @export
truncated_negative_binomial <- function(theta = NULL, link = "log") {
  check_choice(link, "log", "link")
  if (is.null(theta)) return(truncated_to_estimate())
  check_theta(theta)
  truncated_counts(as.double(theta))
}

utils::globalVariables(".Theta")
truncated_counts <- function(theta) {
  assign(".Theta", theta)
  of_predictors <- function(eta, part) like(eta, zero_truncated_impl(as.double(eta), .Theta, FALSE)[[part]])
  of_means <- function(mu, part) like(mu, zero_truncated_impl(as.double(mu), .Theta, TRUE)[[part]])
  initialize <- expression({
    if (any(y < 1)) stop("zero counts not allowed for the zero-truncated families")
    n <- rep(1, nobs)
    mustart <- y + 0.3 / y
  })
  simulate <- function(object, nsim) {
    mean <- rep(stats::predict(object, type = "link"), nsim)
    draw_truncated(exp(mean), .Theta)
  }
  structure(list(
    family = if (is.infinite(theta)) "Zero-truncated Poisson" else sprintf("Zero-truncated Negative Binomial(%s)", format(round(theta, 4))),
    link = "log", linkfun = function(mu) of_means(mu, "eta"), linkinv = function(eta) of_predictors(eta, "mean"),
    variance = function(mu) of_means(mu, "variance"),
    dev.resids = function(y, mu, wt) wt * zero_truncated_deviance_impl(as.double(y), rep_len(as.double(mu), length(y)), .Theta),
    aic = function(y, n, mu, wt, dev) -2 * sum((wt * truncated_log_density(y, exp(of_means(mu, "eta")), .Theta))[wt > 0]),
    mu.eta = function(eta) of_predictors(eta, "slope"), initialize = initialize, validmu = function(mu) all(is.finite(mu)) && all(mu >= 1),
    valideta = function(eta) TRUE, simulate = simulate, dispersion = 1, theta = if (is.finite(theta)) theta
  ), class = "family")
}

like <- function(values, made) {
  attributes(made) <- attributes(values)
  made
}

# Of counts with mean `mu` before truncation.
truncated_log_density <- function(y, mu, theta) {
  whole <- if (is.infinite(theta)) stats::dpois(y, mu, log = TRUE) else stats::dnbinom(y, size = theta, mu = mu, log = TRUE)
  ifelse(mu > 0, whole - log(above_zero(mu, theta)), ifelse(y == 1, 0, -Inf))
}

# P(y > 0) before truncation.
above_zero <- function(mu, theta) -expm1(if (is.infinite(theta)) -mu else -theta * log1p(mu / theta))

# P(y <= k | y > 0), from the tails of all counts.
truncated_distribution <- function(k, mu, theta, lower.tail = TRUE, log.p = FALSE) {
  tail <- function(k) {
    if (is.infinite(theta)) stats::ppois(k, mu, lower.tail = FALSE, log.p = TRUE)
    else stats::pnbinom(k, size = theta, mu = mu, lower.tail = FALSE, log.p = TRUE)
  }
  above <- pmin(tail(pmax(k, 0)) - tail(rep(0, length(k))), 0)
  value <- if (lower.tail) log1mexp(above) else above
  if (log.p) value else exp(value)
}

# log(1 - exp(x)), x <= 0; Maechler (2012), Accurately computing log(1 - exp(-|a|)).
log1mexp <- function(x) ifelse(x > -log(2), log(-expm1(x)), log1p(-exp(x)))

# By inversion, from the upper tail, where P(y > 0) may be small.
draw_truncated <- function(mu, theta) {
  above <- stats::runif(length(mu)) * above_zero(mu, theta)
  drawn <- if (is.infinite(theta)) stats::qpois(above, mu, lower.tail = FALSE)
           else stats::qnbinom(above, size = theta, mu = mu, lower.tail = FALSE)
  pmax(drawn, 1)
}

truncated_to_estimate <- function() {
  to_estimate(truncated_counts(1), "Zero-truncated Negative Binomial", name = "theta", at = truncated_counts, limit = truncated_poisson(),
              search = search_theta, report = joint_report, complete = with_joint_errors, refusal = "truncated_negative_binomial(theta = 2)")
}
