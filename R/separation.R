# Separation: is there a direction along which the likelihood rises for ever? Then there is no maximum
# likelihood estimate. Both answers are proofs: a direction that one pass confirms, or a combination of
# the rows that rules every direction out.

find_separation <- function(solution, design, schema, response, family, settings) {
  sides <- open_sides(response, family)
  if (is.null(sides) || !design$coefficients || !any(sides != 0, na.rm = TRUE)) return(NULL)
  if (proves_optimum(solution, sides)) return(NULL)
  settings$trace <- FALSE
  found <- separating_direction(design, sides, settings)
  if (is.null(found)) return(NULL)
  direction <- as_fitted(found, solution, design, sides, settings)
  new_separation(direction, found$separated, sides, schema, design, family)
}

new_separation <- function(direction, separated, sides, schema, design, family) {
  direction <- named(direction / max(abs(direction)), schema$columns)
  runaway <- direction[direction != 0]
  left <- !is.na(sides)
  constant <- length(unique(sides[left])) == 1
  outcomes <- if (is_binomial(family)) c("failures", "successes") else c("zeros", "")
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
  y <- response$y
  sides <- if (ends$top) (y == 1) - (ends$bottom & y == 0) else -(ends$bottom & y == 0)
  if (!is.null(response$weights)) sides[response$weights == 0] <- NA
  as.double(sides)
}

# At which ends of the linear predictor the mean reaches the end of its range: both for logit, the
# bottom for log, none for identity.
open_ends <- function(family) {
  far <- 1e10
  close <- 1e-6
  reaches <- function(eta, mean) {
    reached <- suppressWarnings(family$linkinv(eta))
    is.finite(reached) && abs(reached - mean) <= close && family$validmu(max(reached, 0))
  }
  binomial <- is_binomial(family) || identical(family$varfun, "mu(1-mu)")
  if (!binomial && !is_count_family(family)) return(NULL)
  if (!binomial && family$link != "log") return(NULL)
  if (family$link %in% c("identity", "inverse", "sqrt")) return(NULL)
  ends <- list(bottom = family$link == "log" || reaches(-far, 0), top = binomial && reaches(far, 1))
  if (ends$bottom || ends$top) ends
}

is_count_family <- function(family) {
  family$family %in% c("poisson", "quasipoisson") || startsWith(family$family, "Negative Binomial") ||
    identical(family$varfun, "mu")
}

# The score is X'r with r_i of the sign of side i. Were the score zero, Stiemke's lemma says that no
# direction separates. It is zero for r - W X step, and that keeps every sign when the decrement
# step'X'WX step is below the least w_i (working residual_i)^2. Residuals that drown in the rounding of
# the score prove nothing.
proves_optimum <- function(solution, sides) {
  one_sided <- which(sides != 0)
  residuals <- solution$working_residuals[one_sided]
  score_rows <- abs(solution$working_weights * solution$working_residuals)
  pearson <- solution$working_weights[one_sided] * residuals^2
  if (!all(is.finite(pearson))) return(FALSE)
  rounding <- 1e-10
  margin <- 100
  audible <- min(score_rows[one_sided]) > rounding * max(score_rows, na.rm = TRUE)
  isTRUE(audible && margin * newton_decrement(solution) < min(pearson) && all(residuals * sides[one_sided] > 0))
}

newton_decrement <- function(solution) sum(solution$score[solution$active] * newton_step(solution))

# The sum of the directions found in turn, each among the rows that those before it leave where they are.
separating_direction <- function(design, sides, settings) {
  left <- !is.na(sides)
  direction <- numeric(design$coefficients)
  while (any(sides[left] != 0)) {
    basis <- orthogonal_basis(design, replace(sides, !left, NA), settings)
    if (!length(basis$active)) break
    found <- project_on_cone(design, replace(sides, !left, NA), basis, settings)
    if (is.null(found)) break
    direction <- add_directions(direction, found$coefficients, design, sides, !left, settings)
    left[found$separated] <- FALSE
  }
  separated <- which(!left & !is.na(sides))
  if (length(separated)) list(coefficients = direction, separated = separated)
}

# `second` may push rows that `first` separates the wrong way: enough of `first` makes up for it.
add_directions <- function(first, second, design, sides, separated, settings) {
  rows <- which(separated & !is.na(sides))
  if (!length(rows)) return(second)
  gain <- move_rows(design, first, settings)[rows] * sides[rows]
  change <- move_rows(design, second, settings)[rows] * sides[rows]
  second + first * max(1, -2 * change / gain)
}

move_rows <- function(design, direction, settings) {
  linear_predictor_impl(design, as.double(direction), settings$threads)
}

# X = QR over the rows that have a side: R, the columns that are not aliased, the norms of the rows of
# Q, and the sum of the rows of Q, each with its side as sign.
orthogonal_basis <- function(design, sides, settings) {
  used <- !is.na(sides)
  squares <- fit_impl(design, native_family(stats::gaussian()),
                      list(y = ifelse(used, sides, 0), weights = as.double(used), offset = NULL, start_eta = NULL),
                      list(coefficients = NULL, anchor = NULL), c(settings, list(sample = FALSE, group = FALSE)))
  active <- squares$active
  root <- squares$root[, seq_along(active), drop = FALSE]
  rounding <- 1e-12
  list(root = root, active = active, columns = root_columns(squares, design$coefficients),
       tolerance = min(rounding * max(squares$condition, 1), 1e-8),
       total = drop(root %*% squares$coefficients[active]),
       norms = sqrt(quadratic_forms_impl(design, root, active, settings$threads)))
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
  for (iteration in seq_len(20 * (length(point) + 10))) {
    if (sum(point^2) < 0.5) return(NULL)
    coefficients <- replace(numeric(design$coefficients), basis$active, backsolve(basis$root, point))
    slack <- row_slack(move_rows(design, coefficients, settings), sides, basis, point)
    worst <- which.min(replace(slack, c(held$index, refused), Inf))
    if (slack[worst] >= -basis$tolerance) break
    held <- balance(hold_row(held, design, worst, sides[worst], basis), basis$total)
    refused <- if (worst %in% held$index) integer() else c(refused, worst)
    point <- basis$total + drop(held$rows %*% held$amount)
  }
  separated <- which(sides != 0 & is.finite(slack) & slack > 100 * basis$tolerance)
  if (length(separated) && min(slack) >= -100 * basis$tolerance) {
    list(coefficients = coefficients, separated = separated)
  }
}

# The cosine of the angle between each row and the direction, negative where the likelihood falls.
row_slack <- function(moves, sides, basis, point) {
  cosine <- moves / (basis$norms * sqrt(sum(point^2)))
  slack <- ifelse(sides == 0, -abs(cosine), cosine * sides)
  replace(slack, !is.finite(slack), Inf)
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

# The direction in which the fit runs away, where that is a proof too: its last step, without what moves
# the rows that are not separated.
as_fitted <- function(found, solution, design, sides, settings) {
  all <- orthogonal_basis(design, sides, settings)
  rest <- replace(sides, found$separated, NA)
  step <- replace(numeric(design$coefficients), solution$active, newton_step(solution))
  point <- all$root %*% step[all$active]
  if (any(!is.na(rest))) {
    fixed <- orthogonal_basis(design, rest, settings)$columns[, all$active, drop = FALSE]
    if (nrow(fixed)) point <- qr.resid(qr(backsolve(all$root, t(fixed), transpose = TRUE)), point)
  }
  fitted <- replace(numeric(design$coefficients), all$active, backsolve(all$root, point))
  for (candidate in list(fitted, found$coefficients)) {
    sparse <- without_rounding(candidate, all)
    if (is_separating(sparse, found$separated, design, sides, all, settings)) return(sparse)
  }
  found$coefficients
}

newton_step <- function(solution) {
  root <- solution$root[, seq_along(solution$active), drop = FALSE]
  backsolve(root, backsolve(root, solution$score[solution$active], transpose = TRUE))
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
  isTRUE(length_of > 0 && all(moves[separated] * sides[separated] > basis$tolerance * basis$norms[separated] * length_of) &&
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
             i = if (is_binomial(family)) "Or penalise: brglm2 or logistf (Firth), or a ridge."
                 else "Or penalise: brglm2 (bias reduction), or a ridge.")
}

separation_line <- function(separation) {
  sprintf("No maximum likelihood estimate (%s separation): %s run%s to infinity", separation$type,
          comma(names(separation$coefficients), 5), if (length(separation$coefficients) == 1) "s" else "")
}
