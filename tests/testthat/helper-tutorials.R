# The published figures of three tutorials, and their data.

tutorial_file <- function(name) system.file("extdata", "tutorials", name, package = "glmpp", mustWork = TRUE)

tutorial_data <- function(name) utils::read.csv(tutorial_file(name))

article <- function() cbind(tutorial_data("article-x.csv"), tutorial_data("article-y.csv"))

# Figures by name: vectors, and a matrix with a column for each class.
tutorial_figures <- function() {
  figures <- tutorial_data("expected.csv")
  lapply(split(figures, figures$figure), function(figure) {
    if (anyNA(figure$class)) figure$value[order(figure$coefficient)]
    else unname(tapply(figure$value, figure[c("coefficient", "class")], identity))
  })
}
