# A row for each student: the name, and the files of the exercises.
students <- as.matrix(read.csv("students.csv", header = FALSE))
exams::exams2pdf(unname(students[, -1, drop = FALSE]),
  template = c("exam.tex", "solution.tex"), edir = "exercises", dir = "pdf",
  header = list(Student = function(id) students[id, 1]))
