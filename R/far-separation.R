# Separation of rows that are elsewhere: the proofs of R/separation.R by passes. A home answers each question by sums
# over its rows, and by the few that stand against a direction (R/far-separation-rows.R). Separated rows are known by
# the stages that found them, which every pass applies anew.

find_separation_afar <- function(solution, problem) {
  is_unweighted <- identical(problem$facts$mean_weight, 1)
  last <- problem$passes$last
  if (means_prove_optimum(solution, c(last$least_mean, last$most_mean), is_unweighted, problem$family)) return(NULL)
  if (!is.null(problem$lacks("proof")) || is.null(open_ends(problem$family)) || !length(problem$names)) return(NULL)
  # What a node's home lacks is found out only when it is asked.
  tryCatch(search_afar(solution, problem, new_inquiry(solution, problem)), glmpp_error_proof = function(e) NULL, error = warn_undecided)
}

most_search_passes <- 200

# ask(what, stages, ...): one pass of the search.
new_inquiry <- function(solution, problem) {
  passes <- 0
  function(what, stages = list(), ...) {
    passes <<- passes + 1
    if (passes > most_search_passes) stop_undecided(sprintf("it was not over after %d passes", most_search_passes))
    problem$home$search(list(what = what, stages = stages, coefficients = solution$coefficients, ...))
  }
}

search_afar <- function(solution, problem, ask) {
  settings <- problem$settings
  if (length(problem$names) > most_searched_afar) return(cells_afar(problem, ask))
  whole <- ask("rest")
  if (rest_has_optimum(whole, settings)) return(NULL)
  step <- step_of_rest(whole, solution$estimable)
  known <- known_afar(problem, settings, ask)
  if (!is.null(known)) return(known)
  if (whole$rows >= many_to_search && isTRUE(ask("move", direction = step) < still)) return(NULL)
  basis <- basis_of_rest(whole, settings)
  if (!length(basis$estimable)) return(NULL)
  found <- runaway_afar(step, basis, settings, ask)
  found <- separating_afar(found, whole, basis, settings, ask)
  if (is.null(found)) return(NULL)
  new_separation(as_fitted_afar(found, step, basis, settings, ask), found$rest$census, problem$schema, problem$family)
}

# The proofs by passes take p x p numbers and n p^2 operations: of more coefficients only levels with one outcome are looked for.
most_searched_afar <- 2000

cells_afar <- function(problem, ask) {
  schema <- problem$schema
  cells <- if (any_categorical(schema$variables)) runaway_cells(ask("cells"), schema)
  if (!length(cells)) stop_undecided(sprintf("of %s it would take too long", plural(length(problem$names), "coefficient")))
  census <- ask("census", list(list(cells = lapply(cells, `[`, c("variables", "levels")))))$census
  new_separation(total_direction(cells, length(schema$columns)), census, schema, problem$family)
}

# See complete_separation().
known_afar <- function(problem, settings, ask) {
  schema <- problem$schema
  if (!any_categorical(schema$variables)) return(NULL)
  cells <- runaway_cells(ask("cells"), schema)
  if (!length(cells)) return(NULL)
  stages <- list(list(cells = lapply(cells, `[`, c("variables", "levels"))))
  rest <- ask("rest", stages)
  is_all <- rest$margins$one_sided == 0 || rest_has_optimum(rest, settings)
  if (is_all && rest$census$separated < rest$census$used) {
    new_separation(total_direction(cells, length(schema$columns)), rest$census, schema, problem$family)
  }
}

# Newton's step over all coefficients, 0 for aliased ones, from where the fit ended.
step_of_rest <- function(rest, estimable) {
  count <- ncol(rest$working_root) - 1
  root <- qr.R(qr(rest$working_root[, c(estimable, count + 1), drop = FALSE], tol = 0))
  rank <- seq_along(estimable)
  step <- if (is_singular(root[rank, rank, drop = FALSE])) NaN
          else backsolve(root, root[rank, length(estimable) + 1], k = length(estimable))
  replace(numeric(count), estimable, step)
}

# X'X and X'y of the rows are those of the triangular root of [X y].
basis_of_rest <- function(rest, settings) {
  count <- ncol(rest$root) - 1
  orthogonal_basis(matrix_design(rest$root[, seq_len(count), drop = FALSE]), rest$root[, count + 1], settings)
}

runaway_afar <- function(step, basis, settings, ask) {
  if (!all(is.finite(step))) return(NULL)
  stages <- list(list(step = step))
  rest <- ask("rest", stages)
  if (!rest$census$separated) return(NULL)
  direction <- fitted_afar(step, stages, rest, basis, settings, ask)
  if (!is.null(direction)) list(coefficients = direction, stages = stages, rest = rest, follows_fit = TRUE)
}

fitted_afar <- function(step, stages, rest, basis, settings, ask) {
  fixed <- if (rest$census$used > rest$census$separated) basis_of_rest(rest, settings)
  direction <- fixed_step(step, fixed, basis)
  if (is_separating_afar(direction, stages, basis, ask)) direction
}

is_separating_afar <- function(direction, stages, basis, ask) {
  length_of <- sqrt(sum((basis$columns %*% direction)^2))
  is.finite(length_of) && length_of > 0 && isTRUE(ask("check", stages, direction = direction / length_of, basis = portable(basis)))
}

portable <- function(basis) basis[c("root", "estimable", "tolerance")]

separating_afar <- function(found, rest, basis, settings, ask) {
  repeat {
    rest <- found$rest %||% rest
    if (rest$margins$one_sided == 0) return(found)
    if (!is.null(found)) {
      if (rest_has_optimum(rest, settings)) return(found)
      basis <- basis_of_rest(rest, settings)
    }
    more <- if (length(basis$estimable)) {
      tryCatch(cone_afar(found$stages, basis, settings, ask), separation_undecided = function(e) if (is.null(found)) stop(e))
    }
    if (is.null(more)) return(found)
    found <- add_directions_afar(found, more, ask)
  }
}

# The proof for the rows that are left, by the step that they alone would take.
rest_has_optimum <- function(rest, settings) {
  if (!rest$is_finite) return(FALSE)
  count <- ncol(rest$working_root) - 1
  step <- least_squares(matrix_design(rest$working_root[, seq_len(count), drop = FALSE]), rest$working_root[, count + 1],
                        rep(1, count + 1), settings)
  margins_prove_optimum(rest$margins, decrement_of(step))
}

# The point of the cone of *some* rows is that of all once no row stands against it, and none is shorter: each pass
# brings the rows that stand most against the last point.
cone_afar <- function(stages, basis, settings, ask) {
  count <- length(basis$total)
  held <- list(values = matrix(0, 0, ncol(basis$columns)), sides = numeric(), norms = numeric(), places = numeric())
  repeat {
    basis$norms <- held$norms
    found <- cone_point(matrix_design(held$values), held$sides, basis, settings)
    if (is.null(found)) return(NULL)
    against <- ask("cone", stages, direction = found$coefficients / found$length, basis = portable(basis), most = 20 + 2 * count)
    new <- !against$places %in% held$places
    if (!any(new)) {
      stage <- list(direction = found$coefficients / found$length, basis = portable(basis))
      return(if (against$separated > 0) list(coefficients = found$coefficients, stages = c(stages, list(stage))))
    }
    held <- list(values = rbind(held$values, against$values[new, , drop = FALSE]), sides = c(held$sides, against$sides[new]),
                 norms = c(held$norms, against$norms[new]), places = c(held$places, against$places[new]))
  }
}

# See add_directions().
add_directions_afar <- function(first, second, ask) {
  if (!is.null(first)) {
    excess <- ask("excess", first$stages, first = first$coefficients, second = second$coefficients)
    second$coefficients <- second$coefficients + first$coefficients * max(1, excess)
  }
  second$rest <- ask("rest", second$stages)
  second
}

# See as_fitted().
as_fitted_afar <- function(found, step, basis, settings, ask) {
  if (isTRUE(found$follows_fit)) return(found$coefficients)
  fitted <- if (all(is.finite(step))) fitted_afar(step, found$stages, found$rest, basis, settings, ask)
  if (!is.null(fitted)) return(fitted)
  sparse <- without_rounding(found$coefficients, basis)
  if (is_separating_afar(sparse, found$stages, basis, ask)) sparse else without_rounding(found$coefficients, basis, 1e-14)
}
