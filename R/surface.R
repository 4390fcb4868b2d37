# What a fit minimises, the deviance and its penalty's part, near its optimum: the numbers behind likelihood_surface().

# By Fisher scoring from where the fit stopped.
find_optimum <- function(fit) {
  problem <- problem_of(fit, new_settings(list(), penalty = fit$penalty))
  solution <- quietly(solve_problem(problem, coef(fit)))
  list(coefficients = named(solution$coefficients, names(coef(fit))),
       objective = solution$deviance + sum(penalty_strength(fit) * solution$coefficients^2))
}

penalty_strength <- function(fit) {
  if (is.null(fit$penalty)) return(0 * seq_along(coef(fit)))
  core_penalty(fit$penalty, length(coef(fit)), fit$schema$intercept)$strength
}

# Over a grid of two coefficients, the others at the optimum.
section_objective <- function(fit, optimum, chosen, axes) {
  problem <- problem_of(fit)
  coefficients <- replace(optimum$coefficients, is.na(coef(fit)), 0)
  strength <- penalty_strength(fit)
  at <- function(x, y) {
    coefficients[chosen] <- c(x, y)
    sum(strength * coefficients^2) + evaluate_problem(problem, coefficients)$deviance
  }
  grid <- expand.grid(x = axes[[1]], y = axes[[2]])
  quietly(mapply(at, grid$x, grid$y))
}

# The others fitted at each point of the grid. Each fit starts from its neighbour's coefficients.
profile_objective <- function(fit, optimum, chosen, axes) {
  problem <- problem_of(fit, new_settings(list(), penalty = fit$penalty))
  strength <- penalty_strength(fit)
  start <- replace(optimum$coefficients, is.na(coef(fit)), 0)
  grid <- expand.grid(x = axes[[1]], y = axes[[2]])
  mapply(function(x, y) {
    solution <- quietly(tryCatch(fit_problem(problem, replace(start, chosen, c(x, y)), held = chosen, rows = FALSE),
                                 glmpp_error = function(e) NULL))
    if (is.null(solution) || solution$reason == "no_valid_start") return(NA_real_)
    if (all(is.finite(solution$coefficients))) start <<- solution$coefficients
    solution$deviance + sum(strength * solution$coefficients^2)
  }, grid$x, grid$y)
}
