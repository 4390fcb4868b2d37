# Separation: is there a direction along which the likelihood rises for ever? Then there is no maximum
# likelihood estimate. Both answers are proofs: a direction that one pass confirms, or a combination of
# the rows that rules every direction out.

find_separation <- function(solution, design, schema, response, family, settings) {
  if (!is.null(settings$penalty) || takes_all_iterations(settings$solver)) return(NULL)
  if (means_prove_optimum(solution, response, family)) return(NULL)
  sides <- open_sides(response, family)
  if (is.null(sides) || !design$coefficients || proves_optimum(solution, sides)) return(NULL)
  if (stands_still(solution, design, settings)) return(NULL)
  # A diagnosis must not cost the fit.
  tryCatch(search_separation(solution, design, schema, sides, family, settings), error = warn_undecided)
}

warn_undecided <- function(error) {
  warn_glmpp("separation_check", "Whether the maximum likelihood estimate exists could not be decided.",
             x = sprintf("The search for separation stopped: %s.", conditionMessage(error)),
             i = "Very large estimates and standard errors would be signs that it does not.")
  NULL
}

# The proof of proves_optimum() from the range of the means alone: with prior weights 1 the weight times the
# squared working residual of a one-sided row is mu / (1 - mu) or (1 - mu) / mu, for counts mu.
means_prove_optimum <- function(solution, response, family) {
  if (!is.null(response$weights) || !length(solution$active)) return(FALSE)
  edge <- if (family$family == "binomial" && family$link %in% c("logit", "probit", "cloglog", "cauchit")) {
    min(solution$mean_range[1], 1 - solution$mean_range[2])
  } else if (family$family == "poisson" && family$link == "log") {
    solution$mean_range[1]
  } else {
    0
  }
  edge > 1e-6 && isTRUE(100 * solution$decrement < edge)
}

# On many rows the search would cost more than the fit. Newton's step moves a separated row by about its
# working residual, 1 or more, however far the fit has gone; where no row moves there is none.
stands_still <- function(solution, design, settings) {
  many <- 20000
  if (design$rows < many) return(FALSE)
  step <- last_step(solution, design)
  isTRUE(max(abs(linear_predictor_impl(design, step, settings$threads))) < 1e-6)
}

search_separation <- function(solution, design, schema, sides, family, settings) {
  basis <- orthogonal_basis(design, sides, settings)
  if (!length(basis$active)) return(NULL)
  found <- runaway_direction(solution, design, sides, basis, settings)
  found <- separating_direction(found, solution, design, sides, basis, settings)
  if (is.null(found)) return(NULL)
  direction <- as_fitted(found, solution, design, sides, basis, settings)
  new_separation(direction, found$separated, sides, schema, design, family)
}

new_separation <- function(direction, separated, sides, schema, design, family) {
  direction <- named(direction / max(abs(direction)), schema$columns)
  runaway <- direction[direction != 0]
  left <- !is.na(sides)
  constant <- length(unique(sides[left])) == 1
  outcomes <- if (has_successes(family)) c("failures", "successes") else c("zeros", "")
  list(type = if (length(separated) == sum(left)) "complete" else "quasi-complete", direction = direction,
       coefficients = sign(runaway) * Inf,
       rows = list(count = length(separated), first = utils::head(separated, 10)),
       levels = if (!constant) pure_levels(schema, design, sides, separated, outcomes),
       constant = if (constant) outcomes[1 + (sides[left][1] > 0)])
}

# Levels of factors whose rows are all separated, to one side.
pure_levels <- function(schema, design, sides, separated, outcomes) {
  is_separated <- replace(logical(length(sides)), separated, TRUE)
  sentences <- lapply(seq_along(schema$variables), function(i) {
    variable <- schema$variables[[i]]
    if (variable$kind != "categorical" || !variable$is_used) return(NULL)
    codes <- as.integer(design$sources[[i]]) + as.integer(variable$is_logical)
    count <- length(variable$levels)
    pure <- function(side) {
      inside <- is_separated & sides == side & !is.na(sides)
      tabulate(codes[!is.na(sides)], count) == tabulate(codes[inside], count) & tabulate(codes[inside], count) > 0
    }
    unlist(lapply(c(-1, 1), function(side) {
      levels <- variable$levels[pure(side)]
      if (length(levels)) sprintf("`%s`: only %s at %s.", variable$name, outcomes[1 + (side > 0)],
                                  comma(dQuote(levels, FALSE)))
    }))
  })
  unlist(sentences)
}

# Where each row's likelihood rises for ever: 1 as its linear predictor rises, -1 as it falls, 0 nowhere;
# NA for rows without weight. NULL when the family has no such rows.
open_sides <- function(response, family) {
  ends <- open_ends(family)
  if (is.null(ends)) return(NULL)
  open_sides_impl(response$y, response$weights, ends$bottom, ends$top)
}

# At which ends of the linear predictor the mean reaches the end of its range: both for logit, the
# bottom for log, none for identity.
open_ends <- function(family) {
  if (!has_successes(family)) {
    return(if (is_count_family(family) && identical(family$link, "log")) list(bottom = TRUE, top = FALSE))
  }
  if (any(family$link %in% c("logit", "probit", "cloglog", "cauchit"))) return(list(bottom = TRUE, top = TRUE))
  ends <- list(bottom = reaches(family, -1e10, 0), top = reaches(family, 1e10, 1))
  if (ends$bottom || ends$top) ends
}

# A link that holds a number for each row answers for every row: all of them must reach the end.
reaches <- function(family, eta, mean) {
  reached <- suppressWarnings(family$linkinv(eta))
  isTRUE(all(is.finite(reached) & reached >= 0 & reached <= 1 & abs(reached - mean) < 1e-6))
}

has_successes <- function(family) is_binomial(family) || identical(family$varfun, "mu(1-mu)")

is_count_family <- function(family) {
  family$family %in% c("poisson", "quasipoisson") || startsWith(family$family, "Negative Binomial") ||
    identical(family$varfun, "mu")
}

# The score is X'r with r_i of the sign of side i. Were the score zero, Stiemke's lemma says that no
# direction separates. It is zero for r - W X step, and that keeps every sign when the decrement
# step'X'WX step is below the least w_i (working residual_i)^2. Residuals that drown in the rounding of
# the score prove nothing.
proves_optimum <- function(solution, sides, decrement = solution$decrement) {
  margins <- residual_margins_impl(sides, solution$working_weights, solution$working_residuals)
  if (margins$one_sided == 0) return(TRUE)
  rounding <- 1e-10
  safety <- 100
  isTRUE(margins$signs_agree && margins$least > rounding * margins$largest &&
           safety * decrement < margins$least_square)
}

# Columns whose squares vanish in double precision leave nothing to divide by.
is_singular <- function(root) !isTRUE(all(diag(root) != 0))

newton_step <- function(solution) {
  root <- solution$root[, seq_along(solution$active), drop = FALSE]
  if (is_singular(root)) return(rep(NaN, ncol(root)))
  backsolve(root, backsolve(root, solution$score[solution$active], transpose = TRUE))
}

# Newton's step over all coefficients, 0 for aliased ones.
last_step <- function(solution, design) {
  replace(numeric(design$coefficients), solution$active, newton_step(solution))
}

# The same proof for some of the rows, by the step that they alone would take.
prove_optimum_of <- function(solution, design, sides, settings) {
  if (!all(is.finite(solution$working_residuals))) return(FALSE)
  weights <- replace(solution$working_weights, is.na(sides), 0)
  step <- least_squares(design, solution$working_residuals, weights, settings)
  proves_optimum(solution, sides, sum((step$root %*% step$coefficients[c(step$active, step$aliased)])^2))
}

least_squares <- function(design, y, weights, settings) {
  plain <- plain_settings(settings)
  fit_impl(design, native_family(stats::gaussian()), list(y = y, weights = weights, offset = NULL, start_eta = NULL),
           list(coefficients = NULL, anchor = NULL, middle = 0), c(core_control(plain), list(sample = FALSE, group = FALSE)),
           plain$solver, NULL, core_trace(plain$trace))
}

# A diverging fit moves the rows that it separates by about their working residuals in each step.
runaway_direction <- function(solution, design, sides, basis, settings) {
  step <- last_step(solution, design)
  if (!all(is.finite(step))) return(NULL)
  moves <- move_rows(design, step, settings) / solution$working_residuals
  separated <- which(sides != 0 & moves > 0.1)
  if (!length(separated)) return(NULL)
  direction <- fitted_direction(solution, separated, design, sides, basis, settings)
  if (!is.null(direction)) list(coefficients = direction, separated = separated, follows_fit = TRUE)
}

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
    more <- if (length(basis$active)) {
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
  squares <- least_squares(design, replace(sides, !used, 0), as.double(used), settings)
  active <- squares$active
  root <- squares$root[, seq_along(active), drop = FALSE]
  norms <- if (length(active)) sqrt(quadratic_forms_impl(design, root, active, settings$threads))
  rounding <- 1e-12
  list(root = root, active = active, columns = root_columns(squares, design$coefficients), norms = norms,
       tolerance = min(rounding * max(squares$condition, 1), 1e-8),
       total = drop(root %*% squares$coefficients[active]))
}

root_columns <- function(squares, count) {
  columns <- matrix(0, nrow(squares$root), count)
  columns[, c(squares$active, squares$aliased)] <- squares$root
  columns
}

# The point of the cone of separating directions that is closest to the sum of the signed rows of Q, by
# the active-set method of Lawson and Hanson (1974, Solving Least Squares Problems, ch. 23) on its
# dual. A direction v in the cone gains sum |q_i'v| >= |Qv| = |v|: the answer is zero or no shorter than 1.
project_on_cone <- function(design, sides, basis, settings) {
  point <- basis$total
  held <- list(rows = matrix(0, length(point), 0), index = integer(), free = logical(), amount = numeric())
  refused <- integer()
  scale <- signed_scale(sides, basis)
  fixed <- which(sides == 0)
  for (iteration in seq_len(20 * (length(point) + 10))) {
    if (sum(point^2) < 0.5) return(NULL)
    coefficients <- replace(numeric(design$coefficients), basis$active, backsolve(basis$root, point))
    # The cosine of the angle between each row and the direction, negative where the likelihood falls.
    slack <- move_rows(design, coefficients, settings) * (scale / sqrt(sum(point^2)))
    slack[fixed] <- -abs(slack[fixed])
    slack[c(held$index, refused)] <- 0
    worst <- which.min(slack)
    if (slack[worst] >= -basis$tolerance) {
      separated <- which(slack > 100 * basis$tolerance)
      return(if (length(separated)) list(coefficients = coefficients, separated = separated))
    }
    held <- balance(hold_row(held, design, worst, sides[worst], basis), basis$total)
    refused <- if (worst %in% held$index) integer() else c(refused, worst)
    point <- basis$total + drop(held$rows %*% held$amount)
  }
  stop(structure(class = c("separation_undecided", "error", "condition"),
                 list(message = sprintf("the active set had not settled after %d steps", iteration), call = NULL)))
}

signed_scale <- function(sides, basis) {
  scale <- (sides + (sides == 0)) / basis$norms
  scale[!is.finite(scale)] <- 0
  scale
}

hold_row <- function(held, design, row, side, basis) {
  values <- design_rows_impl(design, row)[basis$active]
  sign <- if (side == 0) 1 else side
  held$rows <- cbind(held$rows, sign * backsolve(basis$root, values, transpose = TRUE) / basis$norms[row])
  held$index <- c(held$index, row)
  held$free <- c(held$free, side == 0)
  held$amount <- c(held$amount, 0)
  held
}

# The amounts of the held rows that bring the point closest to zero; a row that would need a negative
# amount is let go.
balance <- function(held, total) {
  while (length(held$index)) {
    target <- -qr.coef(qr(held$rows, LAPACK = TRUE), total)
    falling <- !held$free & target <= 0
    share <- min(1, (held$amount / (held$amount - target))[falling])
    held$amount <- held$amount + share * (target - held$amount)
    if (!any(falling)) break
    gone <- falling & held$amount <= 1e-12 * max(abs(held$amount), 1e-300)
    held <- list(rows = held$rows[, !gone, drop = FALSE], index = held$index[!gone], free = held$free[!gone],
                 amount = held$amount[!gone])
  }
  held
}

# The direction in which the fit runs away, where that is a proof too; else the one that was found.
as_fitted <- function(found, solution, design, sides, basis, settings) {
  if (isTRUE(found$follows_fit)) return(found$coefficients)
  fitted <- fitted_direction(solution, found$separated, design, sides, basis, settings)
  if (!is.null(fitted)) return(fitted)
  sparse <- without_rounding(found$coefficients, basis)
  if (is_separating(sparse, found$separated, design, sides, basis, settings)) sparse else found$coefficients
}

# The fit's last step without what moves the rows that are not separated; NULL if that proves nothing.
fitted_direction <- function(solution, separated, design, sides, basis, settings) {
  step <- last_step(solution, design)
  point <- basis$root %*% step[basis$active]
  rest <- replace(sides, separated, NA)
  if (any(!is.na(rest))) {
    fixed <- orthogonal_basis(design, rest, settings)$columns[, basis$active, drop = FALSE]
    if (nrow(fixed)) point <- qr.resid(qr(backsolve(basis$root, t(fixed), transpose = TRUE)), point)
  }
  direction <- replace(numeric(design$coefficients), basis$active, backsolve(basis$root, point))
  direction <- without_rounding(direction, basis)
  if (is_separating(direction, separated, design, sides, basis, settings)) direction
}

without_rounding <- function(coefficients, basis) {
  size <- abs(coefficients) * sqrt(colSums(basis$columns^2))
  replace(coefficients, size <= 1e-8 * max(size), 0)
}

# The proof: separated rows move to their side, all others stay.
is_separating <- function(coefficients, separated, design, sides, basis, settings) {
  if (!all(is.finite(coefficients))) return(FALSE)
  moves <- move_rows(design, coefficients, settings)
  length_of <- sqrt(sum((basis$columns %*% coefficients)^2))
  stays <- setdiff(which(!is.na(sides)), separated)
  least <- basis$tolerance * basis$norms[separated] * length_of
  isTRUE(length_of > 0 && all(moves[separated] * sides[separated] > least) &&
           all(abs(moves[stays]) <= 1e-6 * basis$norms[stays] * length_of))
}

warn_separation <- function(separation, family) {
  what <- if (is.null(separation$constant)) paste0(separation$type, " separation")
          else paste0("the response is constant (only ", separation$constant, ")")
  runaway <- separation$coefficients
  warn_glmpp("separation", paste0("the maximum likelihood estimate does not exist: ", what),
             x = sprintf("Running to infinity: %s.", comma(sprintf("%s (%s)", names(runaway), runaway))),
             x = if (length(separation$levels)) paste(separation$levels, collapse = " "),
             x = sprintf("%s can be fitted without error, from row %d on.", plural(separation$rows$count, "row"),
                         separation$rows$first[1]),
             i = "Estimates, standard errors and tests of these coefficients have no meaning.",
             i = if (length(separation$levels)) "Drop or merge such levels, or drop the variable that separates."
                 else if (is.null(separation$constant)) "Drop or simplify the variables that separate.",
             i = if (has_successes(family)) "Or penalise: brglm2 or logistf (Firth), or `penalty = ridge()` here."
                 else "Or penalise: brglm2 (bias reduction), or `penalty = ridge()` here.")
}

separation_line <- function(separation) {
  sprintf("No maximum likelihood estimate (%s separation): %s run%s to infinity", separation$type,
          comma(names(separation$coefficients), 5), if (length(separation$coefficients) == 1) "s" else "")
}
