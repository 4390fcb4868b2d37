# Ends of likelihood intervals: points of the fit's open problem where the deviance has risen so far.

# The fit's problem, open: at(coefficients) has deviance, score and root of the information there, by one pass, NULL
# where they are not valid; with_held(j, coefficients) the same where all but coefficient j are fitted again.
open_profile <- function(object) {
  power <- determinant_power(.subset2(object, "bias_reduction"), .subset2(object, "family"))
  problem <- object$problem %||% problem_of(object, structure = if (!is.null(power)) "dense")
  if (!is.null(power)) return(open_adjusted_profile(problem, object, power))
  rank <- object$rank
  at <- function(coefficients) {
    point <- evaluate_problem(problem, coefficients, c("score", "factor"))
    is_valid <- point$valid && is.finite(point$deviance) && length(point$estimable) == rank &&
      all(is.finite(point$root), is.finite(point$score)) && !is_singular(point$root)
    if (is_valid) c(list(coefficients = as.double(coefficients)), point[intersect(c("deviance", "score", "root", "bordered", "estimable"), names(point))])
  }
  with_held <- function(j, coefficients) {
    # Where weights vanish a fit may come to rest anywhere.
    if (is.null(at(coefficients))) return(NULL)
    solution <- tryCatch(fit_problem(problem, coefficients, held = j, rows = FALSE), glmpp_error_start = function(e) NULL)
    if (is.null(solution) || !solution$converged || !is.finite(solution$deviance)) return(NULL)
    at(solution$coefficients)
  }
  list(at = at, with_held = with_held)
}

# The system of Venzon and Moolgavkar, deviance = target and no score but along the combination l of the coefficients, by Newton's
# method: with V the inverse information, n = V score and v = V l, the step is n + q v, where
# target - deviance = -score'n + q^2 l'v. The value is that of l'beta.
profile_end <- function(profile, best, l, side, rise) {
  target <- best$deviance + rise
  point <- best
  for (iteration in seq_len(25)) {
    solved <- solve_information(point, l)
    gap <- target - point$deviance + solved$decrement
    q <- side * sqrt(max(gap, 0) / solved$variance)
    step <- solved$newton + q * solved$column
    length <- solved$decrement + 2 * q * sum(l * solved$newton) + q^2 * solved$variance
    if (!all(is.finite(step))) break
    if (iteration > 1 && length <= 1e-14 * rise) return(sum(l * (point$coefficients + step)))
    point <- shortened_trial(profile, point, step, best$deviance + 9 * rise)
    if (is.null(point)) break
  }
  bracketed_end(profile, best, l, side, rise)
}

# V score, V l, l'V l and the decrement of the score.
solve_information <- function(point, l) {
  newton <- as.vector(solution_inverse_times(point, point$score))
  column <- as.vector(solution_inverse_times(point, l))
  list(newton = newton, column = column, variance = sum(l * column), decrement = sum(newton * point$score))
}

shortened_trial <- function(profile, point, step, most) {
  for (halving in 0:20) {
    trial <- profile$at(point$coefficients + step / 2^halving)
    if (!is.null(trial) && trial$deviance <= most) return(trial)
  }
}

# Slower and surer: the combination is fixed, the coefficients are fitted to it, and the end is bracketed. `height(point)`: how far it
# lies from the best fit, as so many standard errors do.
bracketed_end <- function(profile, best, l, side, rise, height = function(point) sqrt(max(point$deviance - best$deviance, 0))) {
  error <- sqrt(solve_information(best, l)$variance)
  middle <- sum(l * best$coefficients)
  nearest <- best
  excess <- function(distance) {
    if (distance == 0) return(-sqrt(rise))
    moved <- fit_at_fixed(profile, nearest, l, middle + side * distance * error)
    if (is.null(moved)) return(NA_real_)
    nearest <<- moved
    height(moved) - sqrt(rise)
  }
  reached <- 0
  length <- sqrt(rise) / 4
  for (expansion in seq_len(60)) {
    beyond <- excess(reached + length)
    if (is.na(beyond)) {
      length <- length / 2
    } else if (beyond >= 0) {
      root <- tryCatch(stats::uniroot(excess, c(reached, reached + length), tol = 1e-10 * (reached + length)), error = function(e) NULL)
      return(if (is.null(root)) NA_real_ else middle + side * root$root * error)
    } else {
      reached <- reached + length
      length <- 1.5 * length
    }
  }
  NA_real_
}

# The coefficients fitted to a value of a combination of them, from where a step along the information would lead.
fit_at_fixed <- function(profile, from, l, value) {
  solved <- solve_information(from, l)
  start <- from$coefficients + solved$column * (value - sum(l * from$coefficients)) / solved$variance
  j <- which(l != 0)
  if (length(j) == 1) return(profile$with_held(j, replace(start, j, value / l[j])))
  fit_on_plane(profile, start, l)
}

# Newton's steps that leave the combination as it is.
fit_on_plane <- function(profile, start, l) {
  point <- profile$at(start)
  for (iteration in seq_len(50)) {
    if (is.null(point)) return(NULL)
    solved <- solve_information(point, l)
    step <- solved$newton - solved$column * sum(l * solved$newton) / solved$variance
    decrement <- sum(step * point$score)
    if (!is.finite(decrement)) return(NULL)
    if (decrement <= 1e-12) return(point)
    point <- shortened_trial(profile, point, step, point$deviance + 1e-10 * abs(point$deviance))
  }
  NULL
}
