# One pass: the query, and from its sums by cell those of the design's columns.

begin_sums <- function(home, schema) {
  home$plan <- find_failure(add_design(home$plan, schema))
  home$is_by_cell <- are_rows_of_cells_alike(home$plan)
  if (home$is_by_cell) begin_cells(home, schema)
  0
}

# What a column of the design is: `cell_values` (cells x columns) times the multiplier `multiplier[j]`. To standardise,
# X = Z T, where Z has the centred and scaled columns: b in the columns of X is T b in those of Z.
add_design <- function(plan, schema) {
  plan$schema <- schema
  frame <- cell_frame(plan, schema)
  plan$cell_values <- unname(stats::model.matrix(schema$terms, frame, schema$contrasts))
  kinds <- vapply(plan$variables, `[[`, "", "kind")
  sets <- lapply(schema$assign, function(k) if (k == 0) integer() else numeric_members(schema$layout[[k]]$variables, kinds))
  plan$multiplier <- match(lapply(sets, as.integer), lapply(plan$multipliers, as.integer))
  plan$standard <- standardise(plan)
  plan
}

# The key of the first level of a factor as response, NA where these rows have none of it.
find_failure <- function(plan) {
  place <- response_column(plan$frame)
  response <- plan$variables[[place]]
  if (response$kind == "key") plan$failure <- response$keys[match(plan$schema$variables[[place]]$levels[1], response$levels)]
  plan
}

# A model frame with a row per cell, its numbers all 1.
cell_frame <- function(plan, schema) {
  rows <- max(1L, lengths(plan$cells))
  frame <- lapply(seq_along(plan$variables), function(k) {
    variable <- plan$variables[[k]]
    codes <- plan$cells[[match(k, plan$factors)]]
    if (is.na(match(k, plan$factors))) return(rep(1, rows))
    if (variable$kind == "flag") return(codes == 2L)
    factor(variable$levels[codes], levels = schema$variables[[k]]$levels, ordered = isTRUE(variable$ordered))
  })
  structure(frame, names = names(plan$variables), row.names = seq_len(rows), class = "data.frame", terms = schema$terms)
}

# A multiplier is centred when each of its columns has among the columns before it those that carry the centre: with
# the same cell values and no multiplier, or, for a plain column, the levels of a factor.
standardise <- function(plan) {
  count <- length(plan$multiplier)
  transform <- diag(count)
  centre <- c(0, plan$moments$centre)
  scale <- c(1, plan$moments$scale)
  for (a in seq_along(plan$multipliers)[-1]) {
    columns <- which(plan$multiplier == a)
    carriers <- lapply(columns, function(j) carriers_of(plan, j))
    if (any(lengths(carriers) == 0)) centre[a] <- 0
    for (i in seq_along(columns)) {
      if (centre[a] != 0) transform[carriers[[i]], columns[i]] <- centre[a]
      transform[columns[i], columns[i]] <- scale[a]
    }
  }
  list(transform = transform, centre = centre, scale = scale)
}

carriers_of <- function(plan, column) {
  values <- plan$cell_values[, column]
  before <- which(plan$multiplier == 1 & seq_along(plan$multiplier) < column)
  equal <- before[colSums(plan$cell_values[, before, drop = FALSE] != values) == 0]
  if (length(equal)) return(equal[1])
  if (any(values != 1)) return(integer())
  for (term in unique(plan$schema$assign[before])) {
    members <- before[plan$schema$assign[before] == term]
    if (all(rowSums(plan$cell_values[, members, drop = FALSE]) == 1)) return(members)
  }
  integer()
}

pass_sums <- function(home, coefficients, need, at_start, null_mean) {
  if (home$is_by_cell) return(pass_cells(home, coefficients, need, at_start, null_mean))
  plan <- home$plan
  wanted <- c(deviance = TRUE, score = "score" %in% need, information = any(c("information", "root") %in% need))
  predictor <- if (at_start) start_predictor_sql(home) else predictor_sql(plan, home$database, drop(plan$standard$transform %*% coefficients))
  pass <- pass_query(plan, home$database, home$terms, predictor, start = if (at_start) start_values(home), null_mean)
  columns <- sum_columns(plan, wanted, home$model$family, null_mean)
  cells <- fetch_cells(home, columns, pass)
  assemble(home, cells, need, wanted, !is.null(null_mean))
}

# ---- The query ----

# The linear predictor over the standardised columns, one piece for each term.
predictor_sql <- function(plan, database, coefficients) {
  pieces <- lapply(unique(plan$schema$assign), function(term) {
    columns <- which(plan$schema$assign == term)
    factors <- if (term > 0) intersect(plan$schema$layout[[term]]$variables, plan$factors)
    effects <- drop(plan$cell_values[, columns, drop = FALSE] %*% coefficients[columns])
    effect <- effect_sql(plan, database, factors, seq_along(effects), effects)
    multiplier <- plan$multiplier[columns[1]]
    if (multiplier == 1) effect else sprintf("%s * z%d", effect, multiplier)
  })
  offset <- if (!is.null(plan$offset)) "ofs"
  paste(c(pieces, offset, if (!length(pieces) && is.null(offset)) quote_number(database, 0)), collapse = "\n  + ")
}

# The effect of the levels of `factors`, for the cells in `rows`.
effect_sql <- function(plan, database, factors, rows, effects) {
  if (!length(factors)) return(quote_number(database, effects[rows[1]]))
  variable <- plan$variables[[factors[1]]]
  codes <- plan$cells[[match(factors[1], plan$factors)]][rows]
  branches <- vapply(sort(unique(codes)), function(code) {
    sprintf("WHEN %s THEN %s", quote_key(database, variable$keys[code]),
            effect_sql(plan, database, factors[-1], rows[codes == code], effects))
  }, "")
  sprintf("CASE g%d %s END", factors[1], paste(branches, collapse = " "))
}

# The starting means are the common mean; z is the working response there.
start_values <- function(home) {
  mean <- home$plan$mean
  family <- home$model$family
  eta <- family$linkfun(mean)
  list(mean = mean, eta = eta, slope = family$mu.eta(eta))
}

start_predictor_sql <- function(home) quote_number(home$database, start_values(home)$eta)

# A query with the columns that sums are made of: g* (levels), z* (standardised products), r (residual of the
# score), w (working weight), d (unit deviance), chi (Pearson), relative, d0 (unit deviance of the null mean).
pass_query <- function(plan, database, terms, predictor, start = NULL, null_mean = NULL) {
  stages <- c(list(c(predictor = predictor)), link_stages_of(terms, database, start), list(row_stage(plan, database, terms, start, null_mean)))
  query <- complete_query(plan, database, base_columns(plan, database), plan$more)
  for (k in seq_along(stages)) {
    stage <- spell_functions(stages[[k]], database)
    query <- sprintf("SELECT s%d.*, %s\nFROM %s", k, paste(paste(stage, "AS", names(stage)), collapse = ",\n  "), nested(database, query, paste0("s", k)))
  }
  query
}

base_columns <- function(plan, database) {
  keys <- vapply(plan$variables[plan$factors], function(v) names(v$columns), "")
  places <- seq_along(plan$multipliers)[-1]
  z <- vapply(places, function(a) {
    sprintf("(%s - %s) / %s", multiplier_sql(plan, plan$multipliers[[a]]), quote_number(database, plan$standard$centre[a]),
            quote_number(database, plan$standard$scale[a]))
  }, "")
  c(structure(keys, names = if (length(keys)) paste0("g", plan$factors)), structure(z, names = if (length(z)) paste0("z", places)),
    response_columns(plan, database), if (!is.null(plan$offset)) c(ofs = plan$offset), if (!is.null(plan$more)) c(grp = "grp"))
}

# Where the link is not defined, a harmless value stands in, and the row is counted.
link_stages_of <- function(terms, database, start) {
  if (!is.null(start)) {
    return(list(c(invalid = "0", eta = "predictor", mean = quote_number(database, start$mean),
                  complement = quote_number(database, 1 - start$mean), slope = quote_number(database, start$slope))))
  }
  valid <- gsub("\\beta\\b", "predictor", terms$valid)
  guard <- c(invalid = sprintf("CASE WHEN %s THEN 0 ELSE 1 END", valid),
             eta = sprintf("CASE WHEN %s THEN predictor ELSE %s END", valid, terms$harmless))
  c(list(guard), terms$stages)
}

row_stage <- function(plan, database, terms, start, null_mean) {
  has_weights <- "wt" %in% names(response_columns(plan, database))
  weighted <- function(expression) if (has_weights) paste("wt *", expression) else expression
  residual <- terms$residual
  if (!is.null(start)) {
    offset <- if (is.null(plan$offset)) "" else " - ofs"
    residual <- sprintf("%s * (eta%s) + %s", terms$weight, offset, residual)
  }
  at_null <- if (!is.null(null_mean)) {
    mean <- gsub("\\bcomplement\\b", quote_number(database, 1 - null_mean), gsub("\\bmean\\b", quote_number(database, null_mean), terms$deviance))
    c(d0 = weighted(sprintf("(%s)", mean)))
  }
  c(r = weighted(sprintf("(%s)", residual)), w = weighted(terms$weight), d = weighted(sprintf("(%s)", terms$deviance)),
    chi = weighted(sprintf("%s * %s / %s", terms$difference, terms$difference, terms$variance)), at_null)
}

# Named sums by cell: of every row; of r z_a; of w z_a z_b.
sum_columns <- function(plan, wanted, family, null_mean) {
  z <- c("1", sprintf("z%d", seq_along(plan$multipliers)[-1]))
  product <- function(...) gsub(" * 1", "", paste(..., sep = " * "), fixed = TRUE)
  pairs <- which(upper.tri(diag(length(z)), diag = TRUE), arr.ind = TRUE)
  sums <- c(rows = "COUNT(*)", known = "COUNT(d)", invalid = "SUM(invalid)", deviance = "SUM(d)", pearson = "SUM(chi)")
  if (family$family == "Gamma") sums <- c(sums, relative = if ("(weights)" %in% names(plan$variables)) "SUM(wt * y / mean)" else "SUM(y / mean)")
  if (!is.null(null_mean)) sums <- c(sums, null_deviance = "SUM(d0)")
  if (wanted[["score"]]) sums <- c(sums, structure(sprintf("SUM(%s)", product("r", z)), names = paste0("r", seq_along(z))))
  if (wanted[["information"]]) {
    sums <- c(sums, structure(sprintf("SUM(%s)", product("w", z[pairs[, 1]], z[pairs[, 2]])),
                              names = sprintf("w%d_%d", pairs[, 1], pairs[, 2])))
  }
  sums
}

# The sums of `inner` by `keys`, in as many queries as the engine's column limit asks: keys as they came, sums as a
# matrix, a row for each group.
fetch_grouped <- function(database, keys, sums, inner) {
  room <- database$dialect$columns - length(keys) - 1
  pieces <- split(seq_along(sums), (seq_along(sums) - 1) %/% room)
  answer <- NULL
  for (piece in pieces) {
    found <- fetch_query(database, grouped_query(database, keys, sums[piece], inner))
    values <- vapply(found[length(keys) + seq_along(piece)], as.double, numeric(nrow(found)))
    dim(values) <- c(nrow(found), length(piece))
    labels <- if (length(keys)) do.call(paste, c(lapply(found[seq_along(keys)], as.character), list(sep = "\r"))) else ""
    if (is.null(answer)) answer <- list(keys = found[seq_along(keys)], labels = labels, sums = values)
    else answer$sums <- cbind(answer$sums, values[match(answer$labels, labels), , drop = FALSE])
  }
  colnames(answer$sums) <- names(sums)
  answer
}

grouped_query <- function(database, keys, sums, inner) {
  sprintf("SELECT %s\nFROM %s%s", paste(c(keys, sums), collapse = ",\n  "), nested(database, inner, "s"),
          if (length(keys)) paste("\nGROUP BY", comma(keys, Inf)) else "")
}

# ---- From cells to the design's columns ----

# The sums in the order of the plan's cells.
fetch_cells <- function(home, columns, query) {
  plan <- home$plan
  keys <- if (length(plan$factors)) paste0("g", plan$factors)
  found <- fetch_grouped(home$database, keys, columns, query)
  sums <- if (length(keys)) found$sums[match(seq_along(plan$cells[[1]]), cells_of(plan, found$keys)), , drop = FALSE] else found$sums
  if (anyNA(sums[, "rows"]) || nrow(found$sums) != nrow(sums) || sum(sums[, "rows"]) != plan$kept) {
    stop_glmpp("database", "The rows in the database have changed during the fit.",
               x = sprintf("There were %s complete rows, now there are %s.", format(plan$kept, big.mark = ","),
                           format(sum(found$sums[, "rows"]), big.mark = ",")),
               i = "Fit within a transaction that holds them still, or to a copy.")
  }
  sums
}

# The places among the plan's cells of rows of keys.
cells_of <- function(plan, keys) {
  codes <- Map(function(k, column) match(key_labels(plan$variables[[k]], column), plan$variables[[k]]$levels), plan$factors, keys)
  match(do.call(paste, unname(codes)), do.call(paste, plan$cells))
}

assemble <- function(home, cells, need, wanted, has_null) {
  total <- function(name) if (name %in% colnames(cells)) sum(cells[, name]) else NA_real_
  is_valid <- total("invalid") == 0 && total("known") == home$plan$kept && is.finite(total("deviance"))
  transform <- home$plan$standard$transform
  score <- if (wanted[["score"]]) drop(crossprod(transform, cell_score(home$plan, cells)))
  information <- if (wanted[["information"]]) cell_information(home$plan, cells)
  root <- if ("root" %in% need) information_root(information, home$plan$kept) %*% transform
  if (is_valid && wanted[["information"]]) check_condition(home, information)
  new_sums(total("deviance"), is_valid, total("pearson"), total("relative"), score,
           if ("information" %in% need) crossprod(transform, information %*% transform), root, if (has_null) total("null_deviance"))
}

cell_score <- function(plan, cells, prefix = "r") {
  score <- numeric(length(plan$multiplier))
  for (a in unique(plan$multiplier)) {
    columns <- which(plan$multiplier == a)
    score[columns] <- crossprod(plan$cell_values[, columns, drop = FALSE], cells[, paste0(prefix, a)])
  }
  score
}

cell_information <- function(plan, cells) {
  information <- matrix(0, length(plan$multiplier), length(plan$multiplier))
  used <- sort(unique(plan$multiplier))
  for (a in used) for (b in used[used >= a]) {
    rows <- which(plan$multiplier == a)
    columns <- which(plan$multiplier == b)
    block <- crossprod(plan$cell_values[, rows, drop = FALSE], cells[, sprintf("w%d_%d", a, b)] * plan$cell_values[, columns, drop = FALSE])
    information[rows, columns] <- block
    information[columns, rows] <- t(block)
  }
  information
}

# The triangular root by Cholesky, in the order of the columns. What is left of a column after those before it is
# taken for rounding, and the column for aliased, when its square is less than this share of the column's: rounding
# of a sum grows with the root of the number of its terms (Higham 2002, Accuracy and Stability of Numerical Algorithms, ch. 4).
information_root <- function(information, rows) {
  least <- 1e-15 * max(10, sqrt(rows))
  norm <- sqrt(pmax(diag(information), 0))
  left <- information / outer(ifelse(norm > 0, norm, 1), ifelse(norm > 0, norm, 1))
  root <- matrix(0, nrow(left), ncol(left))
  for (j in seq_along(norm)) {
    if (!isTRUE(left[j, j] > least)) next
    after <- j:ncol(left)
    root[j, after] <- left[j, after] / sqrt(left[j, j])
    left[after, after] <- left[after, after] - outer(root[j, after], root[j, after])
  }
  root * rep(norm, each = nrow(root))
}

# Relative errors of standard errors from sums are about 8e-18 condition^2.
most_condition <- 1e5

check_condition <- function(home, information) {
  if (isTRUE(home$is_conditioned)) return(invisible())
  home$is_conditioned <- TRUE
  root <- information_root(information, home$plan$kept)
  active <- which(diag(root) > 0)
  if (!length(active)) return(invisible())
  root <- root[active, active, drop = FALSE]
  values <- svd(root / rep(sqrt(colSums(root^2)), each = nrow(root)), 0, 0)$d
  home$condition <- values[1] / values[length(values)]
  if (home$condition <= most_condition) return(invisible())
  stop_glmpp("condition", sprintf("The condition number of the centred and scaled columns is %.1e: sums can't give their standard errors.", home$condition),
             x = sprintf("It must be below %.0e.", most_condition),
             i = "Columns that nearly add up to one another do this: leave one out, or combine them.",
             i = "`in_database(..., where = \"stream\")` works by QR, which has no such limit.")
}
