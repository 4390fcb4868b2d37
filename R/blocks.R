# From schema and model frame to the blocks that the core borrows: one dense block of numeric columns (the
# intercept among them), one categorical block for each term with factors and each of its multipliers.

design_blocks <- function(schema, frame) {
  variables <- vector("list", length(schema$variables))
  for (i in seq_along(variables)) {
    if (schema$variables[[i]]$is_used) variables[[i]] <- stored_variable(schema$variables[[i]], .subset2(frame, i))
  }
  design <- list(rows = .row_names_info(frame, 2L), coefficients = length(schema$columns), variables = variables,
                 blocks = schema$blocks %||% schema_blocks(schema))
  design$structure <- schema$structure
  design
}

# What the blocks are made of: the same for all rows.
schema_blocks <- function(schema) {
  offset <- as.integer(schema$intercept)
  dense <- if (schema$intercept) dense_part(0L, 1L, 1L)
  categorical <- list()
  for (term in schema$layout) {
    part <- term_blocks(term, schema$variables, offset)
    if (!is.null(part$dense)) dense <- join_dense(dense, part$dense)
    categorical <- c(categorical, part$categorical)
    offset <- offset + part$width
  }
  c(dense_block(dense), categorical)
}

# What the core reads for a variable: numbers as they are; integer codes for a categorical one.
stored_variable <- function(variable, column) if (is.character(column)) match(column, variable$levels) else column

# Columns of numbers: each the product of `size` columns of variables.
dense_part <- function(variable, column, position, size = rep.int(1L, length(position))) {
  list(size = size, variable = variable, column = column, position = position)
}

join_dense <- function(a, b) {
  if (is.null(a)) return(b)
  list(size = c(a$size, b$size), variable = c(a$variable, b$variable), column = c(a$column, b$column),
       position = c(a$position, b$position))
}

# One term's columns, in model.matrix()'s order: the first variable varies fastest.
term_blocks <- function(term, variables, offset) {
  members <- variables[term$variables]
  if (!length(members)) return(list(width = 0L))
  if (length(members) == 1 && members[[1]]$kind == "numeric") {
    width <- length(members[[1]]$labels)
    columns <- seq_len(width)
    return(list(width = width, dense = dense_part(rep.int(term$variables, width), columns, offset + columns)))
  }
  if (length(members) == 1) return(factor_block(members[[1]], term$full, term$variables, offset))
  is_factor <- vapply(members, is_categorical, NA)
  sizes <- mapply(function(v, full) if (v$kind == "numeric") length(v$labels)
                                    else if (full) length(v$levels) else v$columns, members, term$full)
  width <- prod(sizes)
  order <- c(which(is_factor), which(!is_factor))
  positions <- aperm(array(offset + seq_len(width), dim = sizes), order)
  dim(positions) <- c(prod(sizes[is_factor]), prod(sizes[!is_factor]))
  multipliers <- multiplier_grid(term$variables[!is_factor], sizes[!is_factor])
  if (!any(is_factor)) {
    return(list(width = width, dense = dense_part(unlist(multipliers$variable), unlist(multipliers$column), as.vector(positions),
                                                  lengths(multipliers$variable))))
  }
  coding <- cell_coding(members[is_factor], term$full[is_factor])
  blocks <- lapply(seq_len(ncol(positions)), function(m) {
    c(coding, list(kind = "categorical", factor = as.integer(term$variables[is_factor]),
                   variable = as.integer(multipliers$variable[[m]]), column = as.integer(multipliers$column[[m]]),
                   position = as.integer(positions[, m])))
  })
  list(width = width, categorical = blocks)
}

# The common case of the general one below.
factor_block <- function(member, full, variable, offset) {
  part <- level_coding(member, full)
  coding <- c(core_contrast(part), list(levels = part$levels, first = as.integer(!member$is_logical)))
  block <- c(coding, list(kind = "categorical", factor = variable, variable = integer(), column = integer(),
                          position = offset + seq_len(part$columns)))
  list(width = part$columns, categorical = list(block))
}

# Every combination of columns of the numeric variables of a term: variables and columns of each product.
multiplier_grid <- function(variables, sizes) {
  if (!length(variables)) return(list(variable = list(integer()), column = list(integer())))
  if (length(variables) == 1) return(list(variable = rep(list(variables), sizes), column = as.list(seq_len(sizes))))
  grid <- as.matrix(expand.grid(lapply(sizes, seq_len)))
  list(variable = rep(list(as.integer(variables)), nrow(grid)),
       column = lapply(seq_len(nrow(grid)), function(r) unname(grid[r, ])))
}

# Cells are combinations of levels, the first factor fastest; their contrasts multiply.
cell_coding <- function(members, full) {
  parts <- Map(level_coding, members, full)
  c(core_contrast(Reduce(cross_coding, parts)),
    list(levels = vapply(parts, `[[`, 1L, "levels"), first = first_codes(members)))
}

# As the core reads it: triplets by column; where each column is a level, and they follow each other, no more than the first.
core_contrast <- function(coding) {
  if (!is.null(coding$first)) return(list(cells = coding$levels, contrast_first = coding$first))
  order <- order(coding$column)
  list(cells = coding$levels, contrast_start = as.integer(c(0, cumsum(tabulate(coding$column, coding$columns)))),
       contrast_row = as.integer(coding$level[order]), contrast_value = as.double(coding$value[order]))
}

level_coding <- function(variable, full) {
  count <- length(variable$levels)
  if (!full) return(list(level = variable$level, column = variable$column, value = variable$value, first = variable$first,
                         levels = count, columns = variable$columns))
  list(level = seq_len(count), column = seq_len(count), value = rep(1, count), first = 1L, levels = count, columns = count)
}

cross_coding <- function(fast, slow) {
  a <- rep(seq_along(fast$level), times = length(slow$level))
  b <- rep(seq_along(slow$level), each = length(fast$level))
  list(level = fast$level[a] + fast$levels * (slow$level[b] - 1L),
       column = fast$column[a] + fast$columns * (slow$column[b] - 1L),
       value = fast$value[a] * slow$value[b],
       levels = fast$levels * slow$levels, columns = fast$columns * slow$columns)
}

dense_block <- function(part) {
  if (!length(part$position)) return(NULL)
  list(list(kind = "dense", start = c(0L, cumsum(part$size)), variable = as.integer(part$variable), column = as.integer(part$column),
            position = as.integer(part$position)))
}

matrix_design <- function(x) {
  size <- dim(x)
  blocks <- reference_cache$matrix_blocks
  if (length(blocks[[1L]]$position) != size[2L]) {
    blocks <- whole_matrix(size[2L])
    assign("matrix_blocks", blocks, envir = reference_cache)
  }
  list(rows = size[1L], coefficients = size[2L], variables = list(x), blocks = if (size[2L]) blocks)
}

whole_matrix <- function(count) {
  columns <- seq_len(count)
  list(list(kind = "dense", start = c(0L, columns), variable = rep.int(1L, count), column = columns, position = columns))
}

# A Matrix::dgCMatrix, borrowed as it is.
sparse_design <- function(x) {
  block <- list(kind = "sparse", p = x@p, i = x@i, x = x@x, position = seq_len(ncol(x)))
  list(rows = nrow(x), coefficients = ncol(x), variables = list(), blocks = if (ncol(x)) list(block))
}

# A column of ones alone: the null model.
intercept_design <- function(rows) {
  list(rows = rows, coefficients = 1L, variables = list(),
       blocks = dense_block(dense_part(0L, 1L, 1L)))
}
