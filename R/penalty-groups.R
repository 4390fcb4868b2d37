# What the core is told of a penalty that is not smooth: groups of coefficients with coordinates of their own, in which their columns have
# mean square 1 about the mean (src/objective/separable_penalty.h).

# `moments`: list(mean, square, gram), see design_moments(); `copies`: list(count, across), of models that have each column's coefficient
# several times, one class after the other.
separable_groups <- function(penalty, schema, moments, copies = list(count = 1, across = FALSE)) {
  columns <- schema$columns
  factor <- penalty_factors(penalty, schema)
  bounds <- list(lower = per_coefficient(penalty$lower, schema, "lower", -Inf), upper = per_coefficient(penalty$upper, schema, "upper", Inf))
  free <- factor == 0 & bounds$lower == -Inf & bounds$upper == Inf
  if (schema$intercept && !penalty$intercept) free[1] <- TRUE
  groups <- group_columns(penalty, schema, free)
  check_bounds(bounds, groups, columns)
  coding <- group_codings(groups, moments, penalty, schema)
  kept <- vapply(coding, ncol, 1L) > 0
  groups <- groups[kept]
  coding <- coding[kept]
  first <- vapply(groups, `[`, 1L, 1L)
  norm <- factor[first] * sqrt(vapply(coding, ncol, 1L)) * penalty$alpha
  square <- factor[first] * (1 - penalty$alpha)
  in_theta <- function(bound) {
    if (all(is.infinite(bound))) return(bound[first])
    single <- lengths(groups) == 1
    scale <- vapply(coding, `[`, 0, 1L)
    ifelse(single, bound[first] / scale, bound[first])
  }
  copy_groups(list(columns = groups, coding = coding, norm = norm, square = square, lower = in_theta(bounds$lower),
                   upper = in_theta(bounds$upper)), copies, length(columns))
}

# For each class, or over all of them.
copy_groups <- function(groups, copies, width) {
  if (copies$count == 1) return(groups)
  shift <- function(columns) unlist(lapply(seq_len(copies$count) - 1L, function(k) columns + k * width))
  if (copies$across) {
    groups$columns <- lapply(groups$columns, shift)
    groups$coding <- lapply(groups$coding, function(coding) kronecker(diag(copies$count), coding))
    return(groups)
  }
  repeated <- lapply(groups, rep, copies$count)
  repeated$columns <- unlist(lapply(seq_len(copies$count) - 1L, function(k) lapply(groups$columns, function(columns) columns + k * width)),
                             recursive = FALSE)
  repeated
}

# Columns that are penalised together: those of a term that has a factor or a basis of functions, or what the penalty says.
group_columns <- function(penalty, schema, free) {
  columns <- seq_along(schema$columns)
  label <- if (is.character(penalty$groups)) {
    if (penalty$groups == "columns") columns else term_groups(schema)
  } else given_groups(penalty, schema)
  unname(lapply(split(columns[!free], factor(label[!free], unique(label[!free]))), as.integer))
}

term_groups <- function(schema) {
  columns <- seq_along(schema$columns)
  if (is.null(schema$layout)) return(columns)
  together <- vapply(schema$layout, function(term) any(vapply(schema$variables[term$variables], is_joint_variable, NA)), NA)
  of_term <- schema$assign
  ifelse(of_term > 0 & c(FALSE, together)[of_term + 1], -of_term, columns)
}

# A factor, or a basis of functions of one variable: nobody means a single column of it.
is_joint_variable <- function(variable) {
  variable$kind == "categorical" || length(variable$labels) > 1 && grepl("^([[:alnum:].]+::)?(poly|polym|ns|bs|[a-zA-Z]*Spline|dbs|Harmonic|fourier)\\(", variable$name)
}

given_groups <- function(penalty, schema) {
  groups <- penalty$groups
  count <- length(schema$columns) - schema$intercept
  if (length(groups) != count || anyNA(groups)) {
    stop_glmpp("argument", sprintf("`groups` must be \"terms\", \"columns\", or have a label for each coefficient but the intercept (%d).", count),
               x = sprintf("It has %d.", length(groups)), i = sprintf("The coefficients are %s.", comma(schema$columns)))
  }
  c(if (schema$intercept) NA, as.character(groups))
}

# One factor for each coefficient, from numbers by the name of a term or of a coefficient, or one for each.
penalty_factors <- function(penalty, schema) {
  factor <- per_coefficient(penalty$penalty_factor, schema, "penalty_factor", 1)
  if (schema$intercept) factor[1] <- as.numeric(penalty$intercept)
  if (any(factor < 0)) stop_glmpp("argument", "`penalty_factor` must not be negative.")
  factor
}

per_coefficient <- function(values, schema, name, default) {
  columns <- schema$columns
  count <- length(columns)
  slopes <- seq_len(count) > schema$intercept
  made <- rep(default, count)
  if (is.null(names(values))) {
    if (!length(values) %in% c(1L, sum(slopes))) {
      stop_glmpp("argument", sprintf("`%s` must have one element, one for each coefficient but the intercept (%d), or names of terms or coefficients.", name, sum(slopes)),
                 x = sprintf("It has %d.", length(values)))
    }
    made[slopes] <- values
    return(made)
  }
  labels <- attr(schema$terms, "term.labels")
  unknown <- setdiff(names(values), c(columns, labels))
  if (length(unknown)) {
    stop_glmpp("argument", sprintf("`%s` must name terms or coefficients of the model.", name), x = sprintf("%s is none.", comma(dQuote(unknown, FALSE))),
               i = did_you_mean(unknown[1], c(columns, labels)), i = sprintf("They are %s.", comma(unique(c(labels, columns)))))
  }
  for (label in names(values)) {
    # A name of both, as of a numeric variable, is one column.
    chosen <- if (label %in% labels) schema$assign == match(label, labels) else columns == label
    made[chosen] <- values[[label]]
  }
  made
}

check_bounds <- function(bounds, groups, columns) {
  bad <- which(!(bounds$lower <= 0 & bounds$upper >= 0))[1]
  if (!is.na(bad)) {
    stop_glmpp("argument", "Bounds must hold zero: `lower` at most 0, `upper` at least 0.",
               x = sprintf("Those of `%s` are %s and %s.", columns[bad], format(bounds$lower[bad]), format(bounds$upper[bad])))
  }
  bounded <- bounds$lower > -Inf | bounds$upper < Inf
  joint <- vapply(groups, function(group) length(group) > 1 && any(bounded[group]), NA)
  if (!any(joint)) return(invisible())
  stop_glmpp("argument", "Coefficients that are penalised as a group have no bounds of their own.",
             x = sprintf("`%s` is one of a group.", columns[intersect(groups[[which(joint)[1]]], which(bounded))[1]]),
             i = "Penalise them one by one: `groups = \"columns\"`.")
}

# b = coding theta. A column of its own, which a constant one has not, is over its standard deviation; a group is turned to axes
# along which its columns have variance 1, so that any contrasts of a factor give the same fit.
group_codings <- function(groups, moments, penalty, schema) {
  if (!penalty$standardize) return(lapply(lengths(groups), diag, x = 1))
  made <- vector("list", length(groups))
  single <- lengths(groups) == 1
  made[single] <- single_codings(unlist(groups[single]), moments)
  made[!single] <- lapply(groups[!single], joint_coding, moments, schema)
  made
}

single_codings <- function(columns, moments) {
  square <- moments$square[columns]
  variance <- square - moments$mean[columns]^2
  is_constant <- !(variance > 1e-14 * square)
  variance[is_constant] <- 1
  made <- lapply(1 / sqrt(variance), matrix)
  made[is_constant] <- list(matrix(0, 1, 0))
  made
}

joint_coding <- function(columns, moments, schema) {
  centre <- if (schema$intercept) moments$mean[columns] else 0 * columns
  covariance <- moments$gram(columns) - tcrossprod(centre)
  axes <- eigen(covariance, symmetric = TRUE)
  kept <- axes$values > 1e-10 * axes$values[1]
  axes$vectors[, kept, drop = FALSE] %*% diag(1 / sqrt(axes$values[kept]), sum(kept))
}

# Means of the columns of a design and of their products, in the prior weights. `gram(columns)`: of some columns.
design_moments <- function(problem, standardize) {
  weight <- total_weight(problem)
  if (!is.null(problem$home)) return(far_moments(problem, weight, standardize))
  weights <- as_core_column(problem$response$weights)
  found <- column_moments_impl(problem$design, weights)
  plain <- list(rows = problem$design$rows, y = numeric(problem$design$rows), weights = weights, core_family = core_family(gaussian()))
  core <- NULL
  gram <- function(columns) {
    if (is.null(core)) core <<- pass_problem(problem$design, plain)$core
    information_of_columns_impl(core, as.integer(columns), problem$settings$threads) / weight
  }
  list(mean = found$sums / weight, square = found$squares / weight, gram = gram)
}

# Of rows that are elsewhere: where all have the same mean their working weights are the prior ones, times a number.
far_moments <- function(problem, weight, standardize) {
  at <- problem$anchor %||% numeric(length(problem$names))
  # Else their size is read only to measure violations by.
  if (standardize && problem$outline$response$has_offset) {
    stop_glmpp("argument", "The columns of these rows can't be standardised: beside an offset they are summed by the model's weights only.",
               i = "Take `standardize = FALSE`, in the penalty, with variables of like size; or weights and a rate in the place of the offset.")
  }
  sums <- evaluate_problem(problem, at, "information")
  if (!sums$valid) stop_glmpp("argument", "The columns of these rows can't be standardised: they have no common mean.", i = "Take `standardize = FALSE` in the penalty.")
  information <- sums$information
  unit <- if (problem$schema$intercept) information[1, 1] else weight * unit_weight(problem$family)
  products <- information / unit
  mean <- if (problem$schema$intercept) products[, 1] else rep(0, nrow(products))
  list(mean = mean, square = diag(products), gram = function(columns) products[columns, columns, drop = FALSE])
}

# Of a row with prior weight 1 and linear predictor 0.
unit_weight <- function(family) {
  mean <- family$linkinv(0)
  family$mu.eta(0)^2 / family$variance(mean)
}
