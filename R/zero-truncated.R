# Counts above zero.

#' Zero-truncated counts
#'
#' Families for counts that are at least 1 because zeros could not be seen (lengths of stay, sizes of groups that were met, positive
#' counts of a [hurdle()] model): Poisson or negative binomial counts, given that they are not 0. The linear predictor is the log of mu,
#' the mean before truncation, so that `exp(coef(fit))` are its ratios; fitted values are means of the counts that are seen,
#' mu / P(y > 0).
#'
#' Poisson counts, and negative binomial ones with theta given, are generalized linear models of these means; `glm()` takes the families
#' too. The variance of the negative binomial before truncation is mu + mu^2 / theta, see [negative_binomial()]. Where theta is estimated,
#' the fit has the components `theta`, `SE.theta` and `twologlik`, and its standard errors, those of the coefficients too, are by the
#' observed information of coefficients and theta together, which, other than for counts with zeros, are not orthogonal. What works with
#' given theta
#' only, such as [as.glm()] and the sandwich, takes `truncated_negative_binomial(theta)`.
#'
#' @param theta NULL, or a positive number.
#' @param link `"log"`, of the mean before truncation.
#' @returns A family object, see [stats::family()]. Fits have the errors and warnings of [glmpp()]: `glmpp_error_response`
#'   where there are zeros, `glmpp_warning_separation` where the likelihood rises for ever as means of ones fall, and those of
#'   [negative_binomial()], such as `glmpp_warning_poisson_limit`.
#' @references Cameron, A. C. and Trivedi, P. K. (2013) *Regression Analysis of Count Data*, 2nd edition, Cambridge University Press,
#'   section 4.3. Grogger, J. T. and Carson, R. T. (1991) Models for truncated counts, *Journal of Applied Econometrics* 6, 225-238.
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
  absent <- if (is.infinite(theta)) -mu else -theta * log1p(mu / theta)
  whole <- if (is.infinite(theta)) stats::dpois(y, mu, log = TRUE) else stats::dnbinom(y, size = theta, mu = mu, log = TRUE)
  ifelse(mu > 0, whole - log(-expm1(absent)), ifelse(y == 1, 0, -Inf))
}

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
  present <- if (is.infinite(theta)) -expm1(-mu) else -expm1(-theta * log1p(mu / theta))
  above <- stats::runif(length(mu)) * present
  drawn <- if (is.infinite(theta)) stats::qpois(above, mu, lower.tail = FALSE)
           else stats::qnbinom(above, size = theta, mu = mu, lower.tail = FALSE)
  pmax(drawn, 1)
}

truncated_to_estimate <- function() {
  family <- truncated_counts(1)
  family$estimates <- list(name = "theta", at = truncated_counts, limit = truncated_poisson(), search = search_theta,
                           report = joint_report, complete = with_joint_errors, refusal = "truncated_negative_binomial(theta = 2)")
  family$family <- "Zero-truncated Negative Binomial"
  family$initialize <- refusing_initialize
  family$theta <- NULL
  family
}

# ---- Standard errors by the observed information of coefficients and theta ----

# The information of the coefficients less what theta takes of it, as its factor; the derivative of the score in theta is by differences.
joint_report <- function(problem, solution) {
  found <- problem$parameter
  if (is.infinite(found$value)) return(list(theta = Inf, SE.theta = NaN))
  at <- replace(solution$coefficients, solution$aliased, 0)
  sums <- evaluate_problem(problem, at, need = c("observed_information", "parameter_score"))
  p <- length(at)
  kept <- solution$estimable
  step <- 1e-5
  scores <- lapply(c(1 + step, 1 - step), function(factor) ask_once(found$reopen(found$value * factor), at, "score", problem$settings)$score)
  cross <- ((scores[[1]] - scores[[2]]) / (2 * step * found$value))[kept]
  information <- matrix(sums$observed_information, p)[kept, kept, drop = FALSE]
  report <- list(theta = found$value, SE.theta = NaN, log_likelihood = sums$log_likelihood, passes = 3L)
  if (!is.null(problem$settings$penalty) || !(sums$parameter_information > 0)) return(report)
  report$root <- root_of_information(information - cross %o% cross / sums$parameter_information)
  of_coefficients <- root_of_information(information)
  if (is.null(report$root) || is.null(of_coefficients)) return(report)
  explained <- sum(backsolve(of_coefficients, cross, transpose = TRUE)^2)
  report$SE.theta <- 1 / sqrt(sums$parameter_information - explained)
  report
}

# Its Cholesky factor; NULL where it is not positive definite, as under separation.
root_of_information <- function(information) {
  if (!length(information)) return(NULL)
  scale <- sqrt(pmax(diag(information), 0))
  if (!isTRUE(all(is.finite(information)) && all(scale > 0))) return(NULL)
  root <- tryCatch(chol(information / outer(scale, scale)), error = function(e) NULL)
  if (!is.null(root)) root * rep(scale, each = length(scale))
}

with_joint_errors <- function(fit, report) {
  classes <- class(fit)
  fit <- with_theta_components(unclass(fit), report)
  if (!is.null(report$root)) {
    rank <- seq_len(fit$rank)
    # In the order of the fit's own factor.
    fit$joint_qr <- structure(list(qr = report$root, rank = fit$rank, qraux = numeric(fit$rank), pivot = fit$qr$pivot[rank],
                                   tol = fit$qr$tol), class = "qr")
  }
  class(fit) <- classes
  fit
}

# The factor of the inverse covariance of the coefficients: that of a glm, unless a parameter was estimated with them.
errors_qr <- function(object) .subset2(object, "joint_qr") %||% .subset2(object, "qr")

has_joint_errors <- function(object) !is.null(.subset2(object, "joint_qr"))

# A glm can't say them.
refuse_joint_errors <- function(object, what, remedy = "Fit it with the family of this fit, `fit$family`; its standard errors are those given theta.") {
  if (!has_joint_errors(object)) return(invisible())
  stop_glmpp("covariance", sprintf("%s takes a fit whose own parameter is given.", what),
             x = "Here it was estimated with the coefficients, and is not orthogonal to them.",
             i = remedy)
}
