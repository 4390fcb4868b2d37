# Separation: is there a direction along which the likelihood rises for ever? Then there is no maximum
# likelihood estimate. Both answers are proofs: a direction that one pass confirms, or a combination of
# the rows that rules every direction out.

find_separation <- function(solution, problem) {
  settings <- problem$settings
  response <- problem$response
  family <- problem$family
  is_afar <- !is.null(problem$passes)
  if (!is_afar && means_prove_optimum(solution, solution$mean_range, is.null(response$weights), family)) return(NULL)
  if (is_kept_finite(settings) || takes_all_iterations(settings$solver)) return(NULL)
  if (is_afar) return(find_separation_afar(solution, problem))
  design <- problem$design
  sides <- open_sides(response, family)
  if (is.null(sides) || !design$coefficients) return(NULL)
  cells <- solution$one_outcome
  if (is.null(cells)) {
    if (proves_optimum(solution, sides)) return(NULL)
    cells <- if (!is.null(problem$one_outcome)) one_outcome_cells(problem)
    if (is.null(cells) && stands_still(solution, design, settings)) return(NULL)
  }
  # A diagnosis must not cost the fit.
  tryCatch({
    if (is.null(cells)) search_separation(solution, design, problem$schema, sides, family, settings)
    else complete_separation(cells, solution, design, problem$schema, sides, family, settings)
  }, error = warn_undecided)
}

warn_undecided <- function(error) {
  warn_glmpp("separation_check", "Whether the maximum likelihood estimate exists could not be decided.",
             x = sprintf("The search for separation stopped: %s.", conditionMessage(error)),
             i = "Very large estimates and standard errors would be signs that it does not.")
  NULL
}

# The proof of proves_optimum() from the range of the means alone: with prior weights 1 the weight times the
# squared working residual of a one-sided row is mu / (1 - mu) or (1 - mu) / mu, for counts mu.
means_prove_optimum <- function(solution, range, is_unweighted, family) {
  if (!is_unweighted || !length(solution$estimable) || length(range) < 2) return(FALSE)
  edge_of <- record_of(family)$edge
  edge <- if (is.null(edge_of)) 0 else edge_of(range, family$link)
  edge > 1e-6 && isTRUE(100 * solution$decrement < edge)
}

# On many rows the search would cost more than the fit. Newton's step moves a separated row by about its
# working residual, 1 or more, however far the fit has gone; where no row moves there is none.
stands_still <- function(solution, design, settings) {
  if (design$rows < many_to_search) return(FALSE)
  step <- last_step(solution, design)
  isTRUE(max(abs(linear_predictor_impl(design, step, settings$threads))) < still)
}

many_to_search <- 20000
still <- 1e-6

search_separation <- function(solution, design, schema, sides, family, settings) {
  if (is_bordered_design(design) && !can_search(design)) {
    found <- null_direction(solution, design, sides, settings)
    if (is.null(found)) check_search(design)
    return(new_separation(found$coefficients, census_of(found$separated, sides, schema, design), schema, family))
  }
  basis <- orthogonal_basis(design, sides, settings)
  if (!length(basis$estimable)) return(NULL)
  found <- runaway_direction(solution, design, sides, basis, settings)
  found <- separating_direction(found, solution, design, sides, basis, settings)
  if (is.null(found)) return(NULL)
  direction <- as_fitted(found, solution, design, sides, basis, settings)
  new_separation(direction, census_of(found$separated, sides, schema, design), schema, family)
}

new_separation <- function(direction, census, schema, family) {
  direction <- named(direction / max(abs(direction)), schema$columns)
  runaway <- direction[direction != 0]
  constant <- census$least_side == census$most_side
  outcomes <- if (has_successes(family)) c("failures", "successes") else c(lowest_counts(family), "")
  list(type = if (census$separated == census$used) "complete" else "quasi-complete", direction = direction,
       coefficients = sign(runaway) * Inf,
       rows = list(count = census$separated, first = census$first),
       levels = if (!constant) pure_levels(schema, census$levels, outcomes),
       constant = if (constant) outcomes[1 + (census$most_side > 0)])
}

# What is said of the separated rows. With `counts`, each row stands for so many equal ones, and has no number.
census_of <- function(separated, sides, schema, design, counts = NULL) {
  # NULL: all rows.
  used <- if (anyNA(sides)) which(!is.na(sides))
  size <- function(rows) if (is.null(counts)) length(rows) else sum(counts[rows])
  of_used <- if (is.null(used)) sides else sides[used]
  list(used = size(used %||% seq_along(sides)), separated = size(separated), least_side = min(of_used, Inf), most_side = max(of_used, -Inf),
       first = if (is.null(counts)) utils::head(separated, 10) else integer(),
       levels = count_levels(schema, design, sides, used, separated))
}

# For each factor a table of its levels: the rows in use, and those that are separated to either side.
count_levels <- function(schema, design, sides, used, separated) {
  lapply(seq_along(schema$variables), function(i) {
    variable <- schema$variables[[i]]
    if (variable$kind != "categorical" || !variable$is_used) return(NULL)
    codes <- as.integer(design$variables[[i]])
    if (variable$is_logical) codes <- codes + 1L
    count <- function(rows) tabulate(if (is.null(rows)) codes else codes[rows], length(variable$levels))
    cbind(used = count(used), low = count(separated[sides[separated] < 0]), high = count(separated[sides[separated] > 0]))
  })
}

# Levels of factors whose rows are all separated, to one side.
pure_levels <- function(schema, tables, outcomes) {
  sentences <- Map(function(variable, table) {
    if (is.null(table)) return(NULL)
    unlist(lapply(c(-1, 1), function(side) {
      inside <- table[, if (side > 0) "high" else "low"]
      levels <- variable$levels[inside > 0 & inside == table[, "used"]]
      if (length(levels)) sprintf("`%s`: only %s at %s.", variable$name, outcomes[1 + (side > 0)],
                                  comma(dQuote(levels, FALSE)))
    }))
  }, schema$variables, tables)
  unlist(sentences, use.names = FALSE)
}

# Where each row's likelihood rises for ever: 1 as its linear predictor rises, -1 as it falls, 0 nowhere;
# NA for rows without weight. NULL when the family has no such rows.
open_sides <- function(response, family) {
  ends <- open_ends(family)
  if (is.null(ends)) return(NULL)
  open_sides_impl(response$y, response$weights, end_values(ends)[1], end_values(ends)[2])
}

# At which ends of the linear predictor the mean reaches the end of its range: both for logit, the
# bottom for log, none for identity. `least`: what it is at the bottom.
open_ends <- function(family) {
  known <- of_parameter(family, "open_ends")
  if (is.null(known) && !has_successes(family)) return(NULL)
  ends <- list(bottom = any(family$link %in% known$bottom), top = any(family$link %in% known$top),
               least = of_parameter(family, "range")$least %||% 0)
  if (!has_successes(family)) return(if (ends$bottom || ends$top) ends)
  if (ends$bottom && ends$top) return(ends)
  ends <- list(bottom = reaches(family, -1e10, 0), top = reaches(family, 1e10, 1), least = 0)
  if (ends$bottom || ends$top) ends
}

# The responses there, NaN where there is none.
end_values <- function(ends) c(if (ends$bottom) ends$least else NaN, if (ends$top) 1 else NaN)

# A link that holds a number for each row answers for every row: all of them must reach the end.
reaches <- function(family, eta, mean) {
  reached <- suppressWarnings(family$linkinv(eta))
  isTRUE(all(is.finite(reached) & reached >= 0 & reached <= 1 & abs(reached - mean) < 1e-6))
}

# The score is X'r with r_i of the sign of side i. Were the score zero, Stiemke's lemma says that no
# direction separates. It is zero for r - W X step, and that keeps every sign when the decrement
# step'X'WX step is below the least w_i (working residual_i)^2. Residuals that drown in the rounding of
# the score prove nothing.
proves_optimum <- function(solution, sides, decrement = solution$decrement) {
  margins_prove_optimum(residual_margins_impl(sides, solution$working_weights, solution$working_residuals), decrement)
}

margins_prove_optimum <- function(margins, decrement) {
  if (margins$one_sided == 0) return(TRUE)
  rounding <- 1e-10
  safety <- 100
  isTRUE(margins$signs_agree && margins$least > rounding * margins$largest &&
           safety * decrement < margins$least_square)
}

# Columns whose squares vanish in double precision leave nothing to divide by.
is_singular <- function(root) !isTRUE(all(diag(root) != 0))

# Newton's step over all coefficients, 0 for aliased ones.
last_step <- function(solution, design) {
  if (!length(solution$estimable)) return(numeric(design$coefficients))
  as.vector(solution_inverse_times(solution, solution$score))
}

# The same proof for some of the rows, by the step that they alone would take.
# The columns `held` are combinations of others in these rows.
prove_optimum_of <- function(solution, design, sides, settings, held = integer()) {
  if (!all(is.finite(solution$working_residuals))) return(FALSE)
  weights <- replace(solution$working_weights, is.na(sides), 0)
  step <- least_squares(design, solution$working_residuals, weights, settings, held)
  proves_optimum(solution, sides, decrement_of(step))
}

decrement_of <- function(step) {
  if (!is.null(step$bordered)) return(bordered_square_impl(step$bordered, step$coefficients))
  sum((step$root %*% step$coefficients[c(step$estimable, step$aliased)])^2)
}

least_squares <- function(design, y, weights, settings, held = integer()) {
  family <- stats::gaussian()
  core <- open_problem_impl(list(kind = "rows", design = design, family = native_family(family),
                                 response = list(y = y, weights = weights, offset = NULL, start_eta = NULL)))
  plain <- plain_settings(settings)
  fit_problem(list(core = core, family = family, settings = plain, middle = 0, facts = list(mean_weight = 1),
                   lacks = function(name) "not wanted", request = function(...) NULL, penalty = function(...) NULL),
              held = held, rows = FALSE)
}

# A diverging fit moves the rows that it separates by about their working residuals in each step.
runaway_direction <- function(solution, design, sides, basis, settings) {
  step <- last_step(solution, design)
  if (!all(is.finite(step))) return(NULL)
  separated <- run_away(move_rows(design, step, settings), sides, solution$working_residuals)
  if (!length(separated)) return(NULL)
  direction <- fitted_direction(solution, separated, design, sides, basis, settings)
  if (!is.null(direction)) list(coefficients = direction, separated = separated, follows_fit = TRUE)
}

run_away <- function(moves, sides, working_residuals) which(sides != 0 & moves / working_residuals > 0.1)

# The sum of the directions found in turn, each among the rows that those before it leave where they are,
# from what is `found` already until nothing is left to find.
separating_direction <- function(found, solution, design, sides, basis, settings) {
  while (TRUE) {
    left <- replace(sides, found$separated, NA)
    if (!any(left != 0, na.rm = TRUE)) return(found)
    if (!is.null(found)) {
      if (prove_optimum_of(solution, design, left, settings)) return(found)
      basis <- orthogonal_basis(design, left, settings)
    }
    more <- if (length(basis$estimable)) {
      tryCatch(project_on_cone(design, left, basis, settings),
               separation_undecided = function(e) if (is.null(found)) stop(e))
    }
    if (is.null(more)) return(found)
    found <- add_directions(found, more, design, sides, settings)
  }
}

# `second` may push rows that `first` separates the wrong way: enough of `first` makes up for it.
add_directions <- function(first, second, design, sides, settings) {
  if (is.null(first)) return(second)
  rows <- first$separated
  gain <- move_rows(design, first$coefficients, settings)[rows] * sides[rows]
  change <- move_rows(design, second$coefficients, settings)[rows] * sides[rows]
  list(coefficients = second$coefficients + first$coefficients * max(1, -2 * change / gain),
       separated = sort(c(rows, second$separated)))
}

move_rows <- function(design, direction, settings) {
  linear_predictor_impl(design, as.double(direction), settings$threads)
}

# X = QR over the rows that have a side: R, the columns that are not aliased, the norms of the rows of
# Q, and the sum of the rows of Q, each with its side as sign.
orthogonal_basis <- function(design, sides, settings) {
  used <- !is.na(sides)
  check_search(design)
  design <- replace(design, "structure", "dense")
  squares <- least_squares(design, replace(sides, !used, 0), as.double(used), settings)
  estimable <- squares$estimable
  root <- squares$root[, seq_along(estimable), drop = FALSE]
  norms <- if (length(estimable)) sqrt(quadratic_forms_impl(design, root, estimable, settings$threads))
  rounding <- 1e-12
  list(root = root, estimable = estimable, columns = root_columns(squares, design$coefficients), norms = norms,
       tolerance = min(rounding * max(squares$condition, 1), 1e-8),
       total = drop(root %*% squares$coefficients[estimable]))
}

# It takes n p^2 operations and p x p numbers.
can_search <- function(design) as.double(design$rows) * as.double(design$coefficients)^2 <= 1e12

check_search <- function(design) {
  if (can_search(design)) return(invisible())
  stop_undecided(sprintf("of %s and %s it would take too long", plural(design$rows, "row"), plural(design$coefficients, "coefficient")))
}

root_columns <- function(squares, count) {
  columns <- matrix(0, nrow(squares$root), count)
  columns[, c(squares$estimable, squares$aliased)] <- squares$root
  columns
}

# The point of the cone of separating directions that is closest to the sum of the signed rows of Q, by
# the active-set method of Lawson and Hanson (1974, Solving Least Squares Problems, ch. 23) on its
# dual. A direction v in the cone gains sum |q_i'v| >= |Qv| = |v|: the answer is zero or no shorter than 1.
project_on_cone <- function(design, sides, basis, settings) {
  found <- cone_point(design, sides, basis, settings)
  if (is.null(found)) return(NULL)
  separated <- which(found$slack > 100 * basis$tolerance)
  if (length(separated)) list(coefficients = found$coefficients, separated = separated)
}

# That point, as coefficients, and the cosine of the angle between each row and it; NULL if it is zero.
cone_point <- function(design, sides, basis, settings) {
  point <- basis$total
  active <- active_rows_impl(point)
  held <- refused <- integer()
  for (iteration in seq_len(20 * (length(point) + 10))) {
    if (sum(point^2) < 0.5) return(NULL)
    coefficients <- replace(numeric(design$coefficients), basis$estimable, backsolve(basis$root, point))
    slack <- slack_of(coefficients, sqrt(sum(point^2)), design, sides, basis, settings)
    slack[c(held, refused)] <- 0
    worst <- which.min(slack)
    if (!length(worst) || slack[worst] >= -basis$tolerance) {
      return(list(coefficients = coefficients, length = sqrt(sum(point^2)), slack = slack))
    }
    nearest <- hold_row_impl(active, worst, unit_row(design, worst, sides[worst], basis), sides[worst] == 0)
    held <- nearest$ids
    point <- nearest$point
    refused <- if (worst %in% held) integer() else c(refused, worst)
  }
  stop_undecided(sprintf("the active set had not settled after %d steps", iteration))
}

stop_undecided <- function(why) {
  stop(structure(class = c("separation_undecided", "error", "condition"), list(message = why, call = NULL)))
}

# The cosine of the angle between each row and the direction, negative where the likelihood falls.
slack_of <- function(coefficients, length, design, sides, basis, settings) {
  slack <- move_rows(design, coefficients, settings) * (signed_scale(sides, basis) / length)
  fixed <- which(sides == 0)
  slack[fixed] <- -abs(slack[fixed])
  slack
}

signed_scale <- function(sides, basis) {
  scale <- (sides + (sides == 0)) / basis$norms
  scale[!is.finite(scale)] <- 0
  scale
}

# A row of Q with its side as sign, of length 1.
unit_row <- function(design, row, side, basis) {
  values <- design_rows_impl(design, row)[basis$estimable]
  (if (side == 0) 1 else side) * backsolve(basis$root, values, transpose = TRUE) / basis$norms[row]
}

# The direction in which the fit runs away, where that is a proof too; else the one that was found.
as_fitted <- function(found, solution, design, sides, basis, settings) {
  if (isTRUE(found$follows_fit)) return(found$coefficients)
  fitted <- fitted_direction(solution, found$separated, design, sides, basis, settings)
  if (!is.null(fitted)) return(fitted)
  sparse <- without_rounding(found$coefficients, basis)
  if (is_separating(sparse, found$separated, design, sides, basis, settings)) sparse
  else without_rounding(found$coefficients, basis, 1e-14)
}

# The fit's last step without what moves the rows that are not separated; NULL if that proves nothing.
fitted_direction <- function(solution, separated, design, sides, basis, settings) {
  rest <- replace(sides, separated, NA)
  fixed <- if (any(!is.na(rest))) orthogonal_basis(design, rest, settings)
  direction <- fixed_step(last_step(solution, design), fixed, basis)
  if (is_separating(direction, separated, design, sides, basis, settings)) direction
}

# The step without what moves rows with the basis `fixed`.
fixed_step <- function(step, fixed, basis) {
  point <- basis$root %*% step[basis$estimable]
  columns <- fixed$columns[, basis$estimable, drop = FALSE]
  if (NROW(columns)) point <- qr.resid(qr(backsolve(basis$root, t(columns), transpose = TRUE)), point)
  without_rounding(replace(numeric(length(step)), basis$estimable, backsolve(basis$root, point)), basis)
}

without_rounding <- function(coefficients, basis, share = 1e-8) {
  size <- abs(coefficients) * sqrt(colSums(basis$columns^2))
  replace(coefficients, size <= share * max(size), 0)
}

# The proof: separated rows move to their side, all others stay.
is_separating <- function(coefficients, separated, design, sides, basis, settings) {
  if (!all(is.finite(coefficients))) return(FALSE)
  length_of <- sqrt(sum((basis$columns %*% coefficients)^2))
  isTRUE(length_of > 0 && moves_separate(move_rows(design, coefficients, settings) / length_of, separated, sides, basis))
}

moves_separate <- function(moves, separated, sides, basis) {
  stays <- setdiff(which(!is.na(sides)), separated)
  all(moves[separated] * sides[separated] > basis$tolerance * basis$norms[separated]) &&
    all(abs(moves[stays]) <= 1e-6 * basis$norms[stays])
}

warn_separation <- function(separation, family) {
  what <- if (is.null(separation$constant)) paste0(separation$type, " separation")
          else paste0("the response is constant (only ", separation$constant, ")")
  runaway <- separation$coefficients
  warn_glmpp("separation", paste0("the maximum likelihood estimate does not exist: ", what),
             x = sprintf("Running to infinity: %s.", comma(sprintf("%s (%s)", names(runaway), runaway))),
             x = if (length(separation$levels)) paste(separation$levels, collapse = " "),
             x = sprintf("%s can be fitted without error%s.", plural(separation$rows$count, "row"),
                         if (length(separation$rows$first)) sprintf(", from row %d on", separation$rows$first[1]) else ""),
             i = "Estimates, standard errors and tests of these coefficients have no meaning.",
             i = if (length(separation$levels)) "Drop or merge such levels, or drop the variable that separates."
                 else if (is.null(separation$constant)) "Drop or simplify the variables that separate.",
             i = if (has_known_dispersion(family) && can_reduce_bias(family)) "Or take `bias_reduction = \"mean\"` (Firth) or `penalty = ridge()`: both are finite."
                 else "Or take `penalty = ridge()`, which is finite.")
}

separation_line <- function(separation) {
  sprintf("No maximum likelihood estimate (%s separation): %s run%s to infinity", separation$type,
          comma(names(separation$coefficients), 5), if (length(separation$coefficients) == 1) "s" else "")
}
