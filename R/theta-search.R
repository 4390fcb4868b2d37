# The search for theta of the negative binomial, of all counts or of those above 0: from the Poisson fit, its limit as theta grows.

search_theta <- function(family, open, settings, start = NULL) {
  estimates <- family$estimates
  inner <- parameter_settings(settings)
  at_limit <- open(estimates$limit)
  refuse_zeros(at_limit)
  check_start(start, length(at_limit$schema$columns))
  solution <- solve_problem(at_limit, start, settings = replace(inner, "step_tolerance", max(inner$step_tolerance, 1e-3)))
  first <- list(value = first_guess(at_limit, solution$coefficients), coefficients = solution$coefficients,
                kept = solution$estimable, cells = solution$one_outcome,
                spent = c(passes = solution$passes + 1L, iterations = solution$iterations))
  joint <- if (may_climb_jointly(first, settings)) climb_jointly(first, at_limit, estimates, open, inner)
  if (!is.null(joint$problem)) return(joint$problem)
  if (!is.null(joint)) first$spent <- first$spent + joint$spent
  climb_profile(first, at_limit, estimates, open, inner)
}

most_rounds <- 50

# ---- Coefficients and theta at once ----

# Newton's steps of coefficients and log(theta) together. Where these are orthogonal, Newton's step in log(theta) beside Fisher scoring's in
# the coefficients is nearly that, for one pass (Lawless 1987); elsewhere the derivative of the score in theta takes a second one.
may_climb_jointly <- function(first, settings) is.null(first$cells) && is.null(settings$penalty)

# A list of the `problem` at the estimate, NULL where the likelihood does not rise from step to step or has its maximum far out, and
# what was `spent`.
climb_jointly <- function(first, at_limit, estimates, open, settings) {
  value <- first$value
  coefficients <- first$coefficients
  spent <- c(passes = 0L, iterations = 0L)
  best <- -Inf
  last <- Inf
  ask <- if (isTRUE(estimates$is_orthogonal)) step_apart else step_together
  for (round in seq_len(most_rounds)) {
    step <- ask(value, coefficients, first$kept, function(value) open(estimates$at(value)), settings)
    spent <- spent + c(step$passes, 1L)
    rises <- isTRUE(step$log_likelihood >= best - 1e-9 * abs(best))
    if (!rises || value < 1e-12 || value > 50 * max(1, at_limit$facts$mean)) break
    best <- step$log_likelihood
    coefficients <- coefficients + step$coefficients
    value <- value * exp(step$log_value)
    size <- abs(step$log_value)
    # What is left shrinks at the rate of the last two steps, or faster.
    left <- size * min(size / last, 1)
    last <- size
    if (size < 1e-8 && left < 1e-16 && step$decrement <= 1e-12 * abs(step$deviance) / at_limit$facts$rows) {
      problem <- problem_at(value, coefficients, first$cells, first$spent + spent, estimates, open)
      return(list(problem = problem, spent = spent))
    }
  }
  list(problem = NULL, spent = spent)
}

step_apart <- function(value, coefficients, kept, open, settings) {
  # Else every round would find out anew which columns are aliased.
  aliased <- setdiff(seq_along(coefficients), kept)
  sums <- ask_once(open(value), coefficients, c("step", "parameter_score"), settings, held = aliased)
  if (!isTRUE(sums$valid)) return(list(passes = 1L))
  log_value <- parameter_step(trial_of(value, coefficients, sums), NULL)
  list(coefficients = sums$step, log_value = log_value, log_likelihood = sums$log_likelihood,
       decrement = sums$decrement, deviance = sums$deviance, passes = 1L)
}

# By the observed information J of the coefficients, which the score moves along `cross` as log(theta) grows; empty where it is not
# positive definite, or the profile likelihood is not concave there.
step_together <- function(value, coefficients, kept, open, settings) {
  sums <- ask_once(open(value), coefficients, c("score", "observed_information", "parameter_score"), settings)
  if (!isTRUE(sums$valid)) return(list(passes = 1L))
  nearby <- 1e-6
  beside <- ask_once(open(value * exp(nearby)), coefficients, "score", settings)
  p <- length(coefficients)
  root <- root_of_information(matrix(sums$observed_information, p)[kept, kept, drop = FALSE])
  if (is.null(root)) return(list(passes = 2L))
  solved <- function(vector) backsolve(root, backsolve(root, vector, transpose = TRUE))
  score <- sums$score[kept]
  cross <- (beside$score[kept] - score) / nearby
  trial <- trial_of(value, coefficients, sums)
  along <- solved(cross)
  own <- solved(score)
  curvature <- trial$information - sum(cross * along)
  if (!isTRUE(curvature > 0)) return(list(passes = 2L))
  far <- 1
  log_value <- max(min((trial$score + sum(cross * own)) / curvature, far), -far)
  list(coefficients = replace(numeric(p), kept, own + along * log_value), log_value = log_value, log_likelihood = sums$log_likelihood,
       decrement = sum(score * own), deviance = sums$deviance, passes = 2L)
}

ask_once <- function(problem, coefficients, need, settings, ...) {
  on.exit(close_problem(problem))
  evaluate_problem(problem, coefficients, need = need, settings = settings, ...)
}

problem_at <- function(value, coefficients, cells, spent, estimates, open) {
  problem <- open(estimates$at(value))
  problem$parameter <- list(value = value, coefficients = coefficients, cells = cells, spent = spent)
  problem
}

# ---- By the derivative of the profile likelihood in log(theta) ----

climb_profile <- function(first, at_limit, estimates, open, settings) {
  finest <- settings$step_tolerance
  cells <- first$cells
  spent <- first$spent + c(1L, 0L)
  try_at <- function(value, coefficients, fits = TRUE) trial_at(value, coefficients, cells$held, estimates, open, settings, fits)
  # Beside orthogonal coefficients the derivative at those of the Poisson fit is nearly that of the profile.
  is_orthogonal <- isTRUE(estimates$is_orthogonal)
  trial <- try_at(first$value, first$coefficients, fits = !is_orthogonal)
  least_share <- if (is_orthogonal) 0.2 else 1e-4
  last <- NULL
  bracket <- c(-Inf, Inf)
  converged <- FALSE
  for (round in seq_len(most_rounds)) {
    if (!is_orthogonal || round > 1) bracket[if (trial$score > 0) 1 else 2] <- log(trial$value)
    step <- within_bracket(parameter_step(trial, last, least_share), log(trial$value), bracket)
    # The secant's next step would be far shorter than this one.
    converged <- !is.null(last) && abs(step) < 1e-8
    if (converged || trial$value < 1e-12) break
    if (rises_for_ever(trial, at_limit, try_at)) return(limit_problem(at_limit, first, spent))
    # Errors of the coefficients are felt in the next step less than they are.
    settings$step_tolerance <- max(finest, min(1e-3, 1e-2 * abs(step)))
    last <- trial
    trial <- try_at(exp(log(last$value) + step), last$coefficients)
    spent <- spent + trial$spent
  }
  if (!converged) warn_parameter(trial, estimates)
  value <- if (converged) exp(log(trial$value) + step) else trial$value
  problem_at(value, trial$coefficients, cells, spent, estimates, open)
}

refuse_zeros <- function(problem) {
  least <- of_parameter(problem$family, "range")$least
  if (!isTRUE(problem$facts$mean == least)) return(invisible())
  stop_glmpp("theta", sprintf("All counts are %d: nothing can be said of `theta`.", least), i = "Give `theta`, or take `poisson`.")
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
  trial_of(value, coefficients, sums, spent)
}

trial_of <- function(value, coefficients, sums, spent = NULL) {
  score <- value * sums$parameter_score
  list(value = value, coefficients = coefficients, score = score, information = value^2 * sums$parameter_information - score,
       spent = spent)
}

# By the secant through the last trial where that is one of a maximum, else by the information; no further than `far`.
# `least_share`: of the information, what the profile's curvature must at least be: less than 1 where theta is not orthogonal to the
# coefficients.
parameter_step <- function(trial, last, least_share = 0.2) {
  far <- 2
  slope <- trial$information
  moved <- if (is.null(last)) 0 else log(trial$value) - log(last$value)
  if (moved != 0) {
    secant <- -(trial$score - last$score) / moved
    if (is.finite(secant) && secant > least_share * abs(slope)) slope <- secant
  }
  step <- if (is.finite(slope) && slope > 0) trial$score / slope else far * sign(trial$score)
  max(min(step, far), -far)
}

# The maximum lies between values with derivatives above and below 0.
within_bracket <- function(step, at, bracket) {
  if (at + step > bracket[1] && at + step < bracket[2] || !all(is.finite(bracket)) || step == 0) return(step)
  mean(bracket) - at
}

# Towards the limit the derivative has the sign of sum w ((y - mu)^2 - y): positive where the counts vary less than Poisson ones.
rises_for_ever <- function(trial, problem, try_at) {
  mean <- max(1, problem$facts$mean)
  trial$value > 50 * mean && trial$score > 0 && try_at(1e5 * mean, trial$coefficients, fits = FALSE)$score > 0
}

limit_problem <- function(problem, first, spent) {
  warn_glmpp("poisson_limit", "The counts vary no more than Poisson counts: `theta` is infinite.",
             x = "The likelihood rises as it grows, and the fit is that of the Poisson family.",
             i = "Without overdispersion `family = poisson` says the same.")
  problem$parameter <- list(value = Inf, coefficients = first$coefficients, cells = first$cells, spent = spent)
  problem
}

warn_parameter <- function(trial, estimates) {
  warn_glmpp("parameter", sprintf("The estimate of `%s` did not converge.", estimates$name),
             x = sprintf("It stands at %s, where the derivative of the log-likelihood in its logarithm is %.2g.",
                         format(trial$value), trial$score),
             i = if (trial$value < 1e-2 && trial$score < 0) "The likelihood rises as it falls to 0: the counts vary more than any such counts.",
             i = sprintf("Give `%s`, or look at the data: are most counts at the least value, or a few very large?", estimates$name))
}
