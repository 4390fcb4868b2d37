source(system.file("accuracy", "parameters.R", package = "glmpp"), local = TRUE)
source(system.file("accuracy", "digits.R", package = "glmpp"), local = TRUE)
source(system.file("accuracy", "convergence.R", package = "glmpp"), local = TRUE)

classic <- function(name) utils::read.csv(test_path("fixtures", "classics", paste0(name, ".csv")))
