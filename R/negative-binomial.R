#' The negative binomial family
#'
#' For counts that vary more than Poisson counts: variance(y) = mu + mu^2 / theta. [glmpp()] estimates theta with the
#' coefficients by maximum likelihood, as `MASS::glm.nb()` does, wherever the rows are; or takes it as it is given.
#'
#' The estimate is the root of the derivative of the profile likelihood in log(theta), by the secant method from Newton's first
#' step: each trial is a fit of the coefficients that starts where the last one ended. Standard errors of the coefficients are those at
#' the estimated theta, that of theta is from the observed information given the means, as `MASS::theta.ml()` has it (theta and the
#' coefficients are orthogonal in the expected information); the dispersion is 1.
#' `drop1()`, `add1()`, `step()`, `profile()`, `confint()` and `anova()` of one fit keep theta as it was estimated; `anova()` of
#' several fits compares likelihoods, each with its own theta; `update()` estimates it anew.
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
#' @export
negative_binomial <- function(theta = NULL, link = "log") {
  link <- check_choice(link, c("log", "sqrt", "identity"), "link")
  if (is.null(theta)) return(family_to_estimate(link))
  if (!is.numeric(theta) || length(theta) != 1 || !is.finite(theta) || theta <= 0) {
    stop_glmpp("theta", "`theta` must be a positive number, or NULL to have it estimated.", x = sprintf("It is %s.", deparse1(theta)),
               i = "Without overdispersion the family is `poisson`.")
  }
  negative_binomial_of(as.double(theta), link)
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
  family <- negative_binomial_of(1, link)
  family$estimates <- list(name = "theta", at = function(value) negative_binomial_of(value, link), limit = stats::poisson(link),
                           search = search_theta, report = theta_report, complete = with_theta, refusal = "negative_binomial(theta = 2)")
  family$family <- "Negative Binomial"
  family$initialize <- refusing_initialize
  family$theta <- NULL
  family
}

# ---- The search ----

# By the derivative of the profile likelihood in log(theta).
search_theta <- function(family, open, settings, start = NULL) {
  estimates <- family$estimates
  inner <- parameter_settings(settings)
  at_limit <- open(estimates$limit)
  first <- inner
  first$step_tolerance <- max(inner$step_tolerance, 1e-3)
  refuse_zeros(at_limit)
  check_start(start, length(at_limit$schema$columns))
  solution <- solve_problem(at_limit, start, settings = first)
  cells <- solution$one_outcome
  try_at <- function(value, coefficients, fits = TRUE) trial_at(value, coefficients, cells$held, estimates, open, inner, fits)
  trial <- try_at(first_guess(at_limit, solution$coefficients), solution$coefficients, fits = FALSE)
  spent <- c(passes = solution$passes + 2L, iterations = solution$iterations)
  last <- NULL
  converged <- FALSE
  for (round in seq_len(most_rounds)) {
    step <- parameter_step(trial, last)
    # The secant's next step would be far shorter than this one.
    converged <- !is.null(last) && abs(step) < 1e-8
    if (converged || trial$value < 1e-12) break
    if (rises_for_ever(trial, at_limit, try_at)) return(limit_problem(at_limit, solution, cells, spent))
    # Errors of the coefficients are felt in the next step less than they are.
    inner$step_tolerance <- max(settings$step_tolerance, min(1e-3, 1e-2 * abs(step)))
    last <- trial
    trial <- try_at(exp(log(last$value) + step), last$coefficients)
    spent <- spent + trial$spent
  }
  if (!converged) warn_parameter(trial, estimates)
  value <- if (converged) exp(log(trial$value) + step) else trial$value
  problem <- open(estimates$at(value))
  problem$parameter <- list(value = value, coefficients = trial$coefficients, cells = cells, spent = spent)
  problem
}

most_rounds <- 50

refuse_zeros <- function(problem) {
  if (!isTRUE(problem$facts$mean == 0)) return(invisible())
  stop_glmpp("theta", "All counts are 0: nothing can be said of `theta`.", i = "Give `theta`, or take `poisson`.")
}

# By moments: the Pearson statistic of Poisson counts is 1 + mu / theta for each row.
first_guess <- function(problem, coefficients) {
  mean <- problem$facts$mean
  sums <- evaluate_problem(problem, coefficients, need = "pearson")
  excess <- sums$pearson / total_weight(problem) - 1
  if (isTRUE(excess > 1e-3)) mean / excess else 100 * max(mean, 1)
}

# The coefficients at a value of the parameter (those at `held` stay), and the derivatives of the profile likelihood in its logarithm there.
trial_at <- function(value, coefficients, held, estimates, open, settings, fits) {
  problem <- open(estimates$at(value))
  spent <- c(passes = 1L, iterations = 0L)
  if (fits) {
    solution <- fit_problem(problem, coefficients, held %||% integer(), settings, rows = FALSE)
    coefficients <- solution$coefficients
    spent <- spent + c(solution$passes, solution$iterations)
  }
  sums <- evaluate_problem(problem, coefficients, need = "parameter_score")
  close_problem(problem)
  score <- value * sums$parameter_score
  list(value = value, coefficients = coefficients, score = score, information = value^2 * sums$parameter_information - score,
       spent = spent)
}

# By the secant through the last trial where that is one of a maximum, else by the information; no further than `far`.
parameter_step <- function(trial, last) {
  far <- 2
  slope <- trial$information
  moved <- if (is.null(last)) 0 else log(trial$value) - log(last$value)
  if (moved != 0) {
    secant <- -(trial$score - last$score) / moved
    if (is.finite(secant) && secant > 0.2 * abs(slope)) slope <- secant
  }
  step <- if (is.finite(slope) && slope > 0) trial$score / slope else far * sign(trial$score)
  max(min(step, far), -far)
}

# Towards the limit the derivative has the sign of sum w ((y - mu)^2 - y): positive where the counts vary less than Poisson ones.
rises_for_ever <- function(trial, problem, try_at) {
  mean <- max(1, problem$facts$mean)
  trial$value > 50 * mean && trial$score > 0 && try_at(1e5 * mean, trial$coefficients, fits = FALSE)$score > 0
}

limit_problem <- function(problem, solution, cells, spent) {
  warn_glmpp("poisson_limit", "The counts vary no more than Poisson counts: `theta` is infinite.",
             x = "The likelihood rises as it grows, and the fit is that of the Poisson family.",
             i = "Without overdispersion `family = poisson` says the same.")
  problem$parameter <- list(value = Inf, coefficients = solution$coefficients, cells = cells, spent = spent)
  problem
}

warn_parameter <- function(trial, estimates) {
  warn_glmpp("parameter", sprintf("The estimate of `%s` did not converge.", estimates$name),
             x = sprintf("It stands at %s, where the derivative of the log-likelihood in its logarithm is %.2g.",
                         format(trial$value), trial$score),
             i = sprintf("Give `%s`, or look at the data: are most counts 0, or a few very large?", estimates$name))
}

# What log Gamma(y + theta) / (Gamma(theta) y!) and its first and minus its second derivative in theta are; sums over small counts lose
# nothing where theta is large.
theta_count_terms <- function(y, theta) {
  terms <- list(log_likelihood = lgamma(y + theta) - lgamma(theta) - lgamma(y + 1), parameter_score = digamma(y + theta) - digamma(theta),
                parameter_information = trigamma(theta) - trigamma(y + theta))
  small <- which(y == round(y) & y < 1e4)
  if (!length(small)) return(terms)
  before <- theta + seq_len(max(y[small], 1)) - 1
  running <- function(steps) c(0, cumsum(steps))[y[small] + 1]
  terms$log_likelihood[small] <- running(log(before / seq_along(before)))
  terms$parameter_score[small] <- running(1 / before)
  terms$parameter_information[small] <- running(1 / before^2)
  terms
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
  fit <- unclass(fit)
  twologlik <- 2 * fit$rank - fit$aic
  fit$aic <- 2 * fit$rank + 2 - twologlik
  fit[c("theta", "SE.theta", "twologlik")] <- list(report$theta, report$SE.theta, twologlik)
  fit["th.warn"] <- list(if (is.infinite(report$theta)) "the counts vary no more than Poisson counts")
  class(fit) <- append(classes, "negbin", match("glmpp", classes))
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
