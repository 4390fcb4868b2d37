# One pass: its query, and the sums that the query asks for.

pass_sums <- function(home, question) {
  if (home$is_by_cell) return(pass_cells(home, question))
  plan <- home$plan
  need <- question$need
  null_mean <- question$null_mean
  wanted <- c(deviance = TRUE, score = "score" %in% need, information = any(c("information", "root") %in% need),
              likelihood = any(names(home$terms$likelihood) %in% need), range = "least_mean" %in% need)
  standardised <- drop(plan$standard$transform %*% question$coefficients)
  start <- if (question$at_start) start_values(home)
  predictor <- if (question$at_start) quote_number(home$database, start$eta) else predictor_sql(plan, home$database, standardised)
  pass <- pass_query(plan, home$database, home$terms, predictor, start, null_mean)
  columns <- sum_columns(plan, wanted, null_mean)
  if (wanted[["likelihood"]]) columns <- c(columns, likelihood_columns(home))
  cells <- fetch_cells(home, columns, pass)
  sums <- assemble(home, cells, need, wanted, !is.null(null_mean))
  if (wanted[["likelihood"]]) with_count_terms(home, sums) else sums
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

# A query with the columns that sums are made of: g* (levels), z* (standardised products), r (residual of the
# score), w (working weight), d (unit deviance), chi (Pearson), d0 (unit deviance of the null mean).
pass_query <- function(plan, database, terms, predictor, start = NULL, null_mean = NULL) {
  of_model <- c(link_stages_of(terms, database, start), list(row_stage(plan, database, terms, start, null_mean)))
  # (The predictor has the users' levels in it, which are left as they are.)
  stages <- c(list(c(predictor = predictor)), lapply(of_model, spell_functions, database))
  query <- complete_query(plan, database, base_columns(plan, database), plan$more)
  for (k in seq_along(stages)) {
    columns <- paste(paste(stages[[k]], "AS", names(stages[[k]])), collapse = ",\n  ")
    query <- sprintf("SELECT s%d.*, %s\nFROM %s", k, columns, nested(database, query, paste0("s", k)))
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
  names(keys) <- if (length(keys)) paste0("g", plan$factors)
  names(z) <- if (length(z)) paste0("z", places)
  c(keys, z, response_columns(plan, database), if (!is.null(plan$offset)) c(ofs = plan$offset),
    if (!is.null(plan$more)) c(grp = "grp"))
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
    deviance <- gsub("\\bmean\\b", quote_number(database, null_mean), terms$deviance)
    c(d0 = weighted(sprintf("(%s)", gsub("\\bcomplement\\b", quote_number(database, 1 - null_mean), deviance))))
  }
  c(r = weighted(sprintf("(%s)", residual)), w = weighted(terms$weight), d = weighted(sprintf("(%s)", terms$deviance)),
    chi = weighted(sprintf("%s * %s / %s", terms$difference, terms$difference, terms$variance)), at_null)
}

# Named sums by cell: of every row; of r z_a; of w z_a z_b.
sum_columns <- function(plan, wanted, null_mean) {
  z <- c("1", sprintf("z%d", seq_along(plan$multipliers)[-1]))
  product <- function(...) gsub(" * 1", "", paste(..., sep = " * "), fixed = TRUE)
  pairs <- which(upper.tri(diag(length(z)), diag = TRUE), arr.ind = TRUE)
  sums <- c(rows = "COUNT(*)", known = "COUNT(d)", invalid = "SUM(invalid)", deviance = "SUM(d)", pearson = "SUM(chi)")
  if (!is.null(null_mean)) sums <- c(sums, null_deviance = "SUM(d0)")
  if (isTRUE(wanted["range"])) sums <- c(sums, least_mean = "MIN(mean)", most_mean = "MAX(mean)")
  if (wanted[["score"]]) sums <- c(sums, structure(sprintf("SUM(%s)", product("r", z)), names = paste0("r", seq_along(z))))
  if (wanted[["information"]]) {
    sums <- c(sums, structure(sprintf("SUM(%s)", product("w", z[pairs[, 1]], z[pairs[, 2]])),
                              names = sprintf("w%d_%d", pairs[, 1], pairs[, 2])))
  }
  sums
}

likelihood_columns <- function(home) {
  has_weights <- "wt" %in% names(response_columns(home$plan, home$database))
  likelihood <- spell_functions(home$terms$likelihood, home$database)
  named(weighted_sum(likelihood, has_weights), names(home$terms$likelihood))
}

# What the likelihood has of the counts alone, from their distribution.
with_count_terms <- function(home, sums) {
  responses <- responses_of(home)
  terms <- record_of(home$model$family)$count_terms(responses$y, own_parameter(home$model$family))
  for (name in names(terms)) sums[[name]] <- sums[[name]] + sum(responses$counts * responses$weights * terms[[name]])
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
