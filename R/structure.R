# How the information of a problem is stored: dense, or bordered, with the largest factor eliminated; src/design/elimination.h.

# From so many coefficients on elimination is looked into: of fewer a dense matrix is as fast.
fewest_to_eliminate <- function() {
  fewest <- getOption("glmpp.eliminate")
  if (is.null(fewest)) return(500)
  check_positive(fewest, "glmpp.eliminate")
  fewest
}

# The design with its `structure`.
with_structure <- function(design, settings) {
  if (is.null(design$structure)) design$structure <- if (is.null(elimination_of(design, settings))) "dense" else bordered_structure()
  design
}

# Whether what elimination leaves is sparse the core finds out; for tests it can be told to take it so.
bordered_structure <- function() if (isTRUE(getOption("glmpp.sparse"))) "bordered_sparse" else "bordered"

is_bordered_design <- function(design) !is.null(design$structure) && design$structure != "dense"

# NULL: dense. Else its sizes: coefficients inside, those of the border, entries between them.
elimination_of <- function(design, settings) {
  if (design$coefficients < fewest_to_eliminate() || !is.null(needs_all_elements(settings))) return(NULL)
  size <- eliminable_impl(design[c("rows", "coefficients", "variables", "blocks")])
  # What is left costs its third power.
  if (size[["inner"]] >= 0.2 * design$coefficients) size
}

# NULL, or what reads every element of an information.
needs_all_elements <- function(settings) {
  penalty <- settings$penalty
  if (!is.null(settings$separable)) "a path"
  else if (is_separable(penalty)) format(penalty)
  else if (!is.null(penalty) && !identical(penalty$name, "ridge")) "a penalty of your own"
  else if (!is.null(settings$reduction)) "bias reduction"
  else if (!is.null(settings$constraints)) "constraints"
  else if (!isTRUE(solver_facts(settings$solver)$takes_bordered)) sprintf("%s()", settings$solver$name)
}

# The problem for a fit by other settings than it was opened with.
with_all_elements <- function(problem, settings) {
  if (is.null(needs_all_elements(settings))) return(problem)
  row_problem(replace(problem$design, "structure", "dense"), problem$response, problem$family, problem$schema, settings)
}

# Of rows that are elsewhere: every home of them adds up informations of one shape. NULL: dense.
far_structure <- function(home, schema, settings) {
  if (!isTRUE(home$traits$gives_bordered)) return(NULL)
  size <- elimination_of(design_of_no_rows(schema), settings)
  if (is.null(size)) return(NULL)
  # All entries, whether there are rows of them or not.
  size[["entries"]] <- size[["inner"]] * size[["border"]]
  check_memory(bordered_bytes(size), sprintf("the information of %s, %s of them eliminated", plural(length(schema$columns), "coefficient"),
                                             format(size[["inner"]], big.mark = ",")),
               x = sprintf("Every part adds up %s beside each of them.", plural(size[["border"]], "coefficient")),
               i = "Make the levels of the smaller factors fewer, or fit the rows in memory, where only the cells that are there count.")
  "bordered_full"
}

design_of_no_rows <- function(schema) {
  variables <- lapply(schema$variables, function(variable) if (is_categorical(variable)) integer() else numeric())
  list(rows = 0, coefficients = length(schema$columns), variables = variables, blocks = schema$blocks %||% schema_blocks(schema))
}

# What is needed at the peak, measured: informations and factors by thrice their rows, and five times what is kept of the border.
bordered_bytes <- function(size, kept = size[["border"]]^2) 8 * (5 * size[["entries"]] + 20 * size[["inner"]] + 5 * kept)
