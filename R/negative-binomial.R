#' The negative binomial family
#'
#' For counts that vary more than Poisson counts: variance(y) = mu + mu^2 / theta. [glmpp()] estimates theta with the
#' coefficients by maximum likelihood, as `MASS::glm.nb()` does, wherever the rows are; or takes it as it is given.
#'
#' From the Poisson fit and theta by moments, each pass makes Newton's step in log(theta) beside Fisher scoring's in the coefficients, which
#' is nearly the joint one. Where that does not rise, or coefficients are held or penalised, the estimate is the root of the derivative
#' of the profile likelihood in
#' log(theta), by the secant method: each trial is a fit of the coefficients that starts where the last one ended. Standard errors of the
#' coefficients are those at
#' the estimated theta, that of theta is from the observed information given the means, as `MASS::theta.ml()` has it (theta and the
#' coefficients are orthogonal in the expected information); the dispersion is 1.
#' `drop1()`, `add1()`, `step()`, `profile()`, `confint()` and `anova()` of one fit keep theta as it was estimated; `anova()` of
#' several fits compares likelihoods, each with its own theta; `update()` estimates it anew. The other negative binomial, whose variance is
#' linear in the mean ("NB1"), is not here: its score is not (y - mu) / V(mu) times a function of the mean, so it is no generalized
#' linear model.
#' `quasipoisson` has that variance.
#'
#' @param theta A positive number, the shape; `NULL` to have it estimated.
#' @param link `"log"`, `"sqrt"` or `"identity"`.
#' @returns An object of class `"family"`. A fit by an estimated theta has the class `"negbin"` besides, and the components `theta`,
#'   `SE.theta`, `twologlik` (2 log L) and `th.warn` of `MASS::glm.nb()`; its `family` is that of the estimated theta. Its `aic` and
#'   [logLik()] count theta as a parameter; iterations and passes count those of the search, and `trace` shows the last fit of it.
#' @section Conditions:
#' A warning of class `glmpp_warning_poisson_limit` where the counts vary no more than Poisson counts: the likelihood rises for
#' ever with theta, and the fit is the Poisson fit, with `theta = Inf`. An error of class `glmpp_error_theta` for a theta that is not a
#' positive number, and where all counts are 0, which tell nothing of theta; of class `glmpp_error_family` from functions that need theta to
#' be given, such as `glm(method = glmpp_fit)`.
#' @references Lawless, J. F. (1987) Negative binomial and mixed Poisson regression, *Canadian Journal of Statistics* 15, 209-225.
#'   Venables, W. N. and Ripley, B. D. (2002) *Modern Applied Statistics with S*, 4th edition, Springer, section 7.4.
#' @examples
#' fit <- glmpp(count ~ spray, negative_binomial(), InsectSprays)
#' c(theta = fit$theta, se = fit$SE.theta)
#' glmpp(count ~ spray, negative_binomial(theta = 20), InsectSprays)
#' @concept negative binomial
#' @concept overdispersion
#' @concept count data
#' @export
negative_binomial <- function(theta = NULL, link = "log") {
  link <- check_choice(link, c("log", "sqrt", "identity"), "link")
  if (is.null(theta)) return(family_to_estimate(link))
  check_theta(theta)
  negative_binomial_of(as.double(theta), link)
}

check_theta <- function(theta) {
  if (is.numeric(theta) && length(theta) == 1 && is.finite(theta) && theta > 0) return(invisible())
  stop_glmpp("theta", "`theta` must be a positive number, or NULL to have it estimated.", x = sprintf("It is %s.", value_text(theta)),
             i = "Without overdispersion the family is `poisson`.")
}

# The functions keep theta where those of MASS::negative.binomial() do.
utils::globalVariables(".Theta")
negative_binomial_of <- function(theta, link) {
  assign(".Theta", as.double(theta))
  functions <- make_link(link)
  variance <- function(mu) mu + mu^2 / .Theta
  deviances <- function(y, mu, wt) {
    2 * wt * (y * log(pmax(1, y) / mu) - (y + .Theta) * log((y + .Theta) / (mu + .Theta)))
  }
  aic <- function(y, n, mu, wt, dev) {
    terms <- (y + .Theta) * log(mu + .Theta) - y * log(mu) + lgamma(y + 1) - .Theta * log(.Theta) + lgamma(.Theta) - lgamma(.Theta + y)
    2 * sum(terms * wt)
  }
  initialize <- expression({
    if (any(y < 0)) stop("negative values not allowed for the negative binomial family")
    n <- rep(1, nobs)
    mustart <- y + (y == 0) / 6
  })
  # As MASS::rnegbin() draws them.
  simulate <- function(object, nsim) {
    mean <- stats::fitted(object)
    count <- nsim * length(mean)
    stats::rpois(count, mean * stats::rgamma(count, .Theta) / .Theta)
  }
  structure(list(
    family = sprintf("Negative Binomial(%s)", format(round(theta, 4))), link = link, linkfun = functions$linkfun,
    linkinv = functions$linkinv, variance = variance, dev.resids = deviances, aic = aic, mu.eta = functions$mu.eta,
    initialize = initialize, validmu = function(mu) all(mu > 0), valideta = functions$valideta, simulate = simulate, dispersion = 1,
    theta = theta
  ), class = "family")
}

family_to_estimate <- function(link) {
  to_estimate(negative_binomial_of(1, link), "Negative Binomial", name = "theta", at = function(value) negative_binomial_of(value, link),
              limit = stats::poisson(link), search = search_theta, report = theta_report, complete = with_theta,
              refusal = "negative_binomial(theta = 2)", is_orthogonal = TRUE)
}

# ---- What a fit has of it ----

# Its standard error and the likelihood, from a last pass.
theta_report <- function(problem, solution) {
  found <- problem$parameter
  if (is.infinite(found$value)) return(list(theta = Inf, SE.theta = NaN))
  sums <- evaluate_problem(problem, replace(solution$coefficients, solution$aliased, 0), need = "parameter_score")
  list(theta = found$value, SE.theta = if (sums$parameter_information > 0) 1 / sqrt(sums$parameter_information) else NaN,
       log_likelihood = sums$log_likelihood, passes = 1L)
}

# The components of MASS::glm.nb(), and its class.
with_theta <- function(fit, report) {
  classes <- class(fit)
  fit <- with_theta_components(unclass(fit), report)
  class(fit) <- append(classes, "negbin", match("glmpp", classes))
  fit
}

with_theta_components <- function(fit, report) {
  twologlik <- 2 * fit$rank - fit$aic
  fit$aic <- 2 * fit$rank + 2 - twologlik
  fit[c("theta", "SE.theta", "twologlik")] <- list(report$theta, report$SE.theta, twologlik)
  fit["th.warn"] <- list(if (is.infinite(report$theta)) "the counts vary no more than Poisson counts")
  fit
}

theta_lines <- function(fit) {
  number <- function(value) format(signif(value, 5))
  c(sprintf("Theta: %s, standard error %s", number(fit$theta), number(fit$SE.theta)),
    sprintf("2 x log-likelihood: %s", format(round(fit$twologlik, 3), nsmall = 3)))
}

# As glm() and MASS::glm.nb() would be called for it; the family is that of the estimate.
negbin_call <- function(fit) {
  call <- fit$call
  call[[1]] <- quote(MASS::glm.nb)
  call$family <- NULL
  call$init.theta <- fit$theta
  call$link <- fit$family$link
  call
}

has_theta <- function(object) !is.null(.subset2(object, "SE.theta"))
