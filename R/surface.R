# What a fit minimises, the deviance and its penalty's part, near its optimum: the numbers behind likelihood_surface().

# By Fisher scoring from where the fit stopped.
find_optimum <- function(fit) {
  problem <- problem_of(fit, new_settings(list(), penalty = fit$penalty, constraints = fit$constraints))
  solution <- quietly(solve_problem(problem, all_coefficients(fit)))
  list(coefficients = named(solution$coefficients, names(all_coefficients(fit))),
       objective = solution$deviance + penalty_part(problem)(solution$coefficients))
}

# What the penalty adds to the deviance, as a function of the coefficients.
penalty_part <- function(problem) {
  if (is_separable(problem$settings$penalty)) return(separable_part(separable_request(problem, problem$settings)))
  penalty <- problem$penalty(problem$settings)
  function(coefficients) if (is.null(penalty)) 0 else 2 * penalty_impl(penalty, coefficients)$value
}

# Over a grid of two coefficients, the others at the optimum.
section_objective <- function(fit, optimum, chosen, axes) {
  problem <- problem_of(fit, new_settings(list(), penalty = fit$penalty))
  penalised_by <- penalty_part(problem)
  coefficients <- replace(optimum$coefficients, is.na(all_coefficients(fit)), 0)
  at <- function(x, y) {
    coefficients[chosen] <- c(x, y)
    penalised_by(coefficients) + evaluate_problem(problem, coefficients)$deviance
  }
  grid <- expand.grid(x = axes[[1]], y = axes[[2]])
  quietly(mapply(at, grid$x, grid$y))
}

# The others fitted at each point of the grid. Each fit starts from its neighbour's coefficients.
profile_objective <- function(fit, optimum, chosen, axes) {
  problem <- problem_of(fit, new_settings(list(), penalty = fit$penalty))
  penalised_by <- penalty_part(problem)
  start <- replace(optimum$coefficients, is.na(all_coefficients(fit)), 0)
  grid <- expand.grid(x = axes[[1]], y = axes[[2]])
  mapply(function(x, y) {
    solution <- quietly(tryCatch(fit_problem(problem, replace(start, chosen, c(x, y)), held = chosen, rows = FALSE),
                                 glmpp_error = function(e) NULL))
    if (is.null(solution) || solution$reason == "no_valid_start") return(NA_real_)
    if (all(is.finite(solution$coefficients))) start <<- solution$coefficients
    solution$deviance + penalised_by(solution$coefficients)
  }, grid$x, grid$y)
}
